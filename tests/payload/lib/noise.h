/*
 * Payloads: the other CPUs keep the SMMU busy
 *
 * While a test runs on CPU 0, each of the others owns a test device, number 1
 * and up, and a bank, and maps, transfers, unmaps and invalidates.  What it
 * unmapped must be out of reach: noise is a test too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_NOISE_H
#define PAYLOAD_NOISE_H

/* Banks and stream match entries from here on are the noise's */
#define NOISE_BANK      96
#define NOISE_STREAM    96

/* After smmu_reset() */
void noise_start(void);
/* Returns when it is over; fails the test if a CPU did nothing */
void noise_stop(void);

#endif
