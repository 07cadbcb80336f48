/*
 * Fuzzer of VT-d posting: KVM's interrupt routes and invalidation
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_VTD_FUZZ_ROUTES_H
#define TESTS_FUZZ_VTD_FUZZ_ROUTES_H

#define ENTRIES     8           /* of the table, at address 0 */

/* How often each thing was seen */
extern struct FuzzRouteStats {
    uint64_t changes, kvm, userspace, stale, global, selective;
} fuzz_route_stats;

/* Nothing is routed, as at the start */
void fuzz_routes_reset(void);
/* An entry has been written, or may have been */
void fuzz_routes_entries_changed(void);
/* What KVM, a device's backend and the IOMMU's queue do, by 16 bytes */
void fuzz_routes_op(const uint8_t *op);

#endif
