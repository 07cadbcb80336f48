/*
 * GIC: the LPIs of a redistributor, or of the vPE that is resident on it
 *
 * Arm IHI 0069. Guest memory says which LPIs are pending (a bit each) and how
 * each is configured (a byte each). It is always right: whatever changes here
 * is written there too, so that software may read it whenever the architecture
 * lets it, and nothing but registers has to be migrated.
 *
 * This is a copy of it that knows the best pending and enabled LPI without a
 * search. LPIs come in groups of 64, groups in chunks of 32; group and chunk
 * know the best of theirs. So a change costs a group and a chunk at most, and
 * what is found at first in guest memory is read in large pieces.
 *
 * An LPI's configuration is read when it becomes pending, and kept as long as
 * it is, unless it is invalidated. So there is none to be stale of an LPI that
 * is mapped, or moved here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_INTC_GICV4_LPIS_H
#define HW_INTC_GICV4_LPIS_H

#include "hw/intc/arm_gicv3_common.h"

/* INTIDs have 16 bits; those below 8192 are not LPIs */
#define GICV4_INTIDS        0x10000
#define GICV4_FIRST_LPI     0x2000
#define GICV4_GROUP         64
#define GICV4_CHUNK         (32 * GICV4_GROUP)
#define GICV4_GROUPS        ((GICV4_INTIDS - GICV4_FIRST_LPI) / GICV4_GROUP)
#define GICV4_CHUNKS        ((GICV4_INTIDS - GICV4_FIRST_LPI) / GICV4_CHUNK)

/* An LPI as a number: its priority, then its INTID less 8192; less is better */
typedef uint32_t GICv4LPIKey;
#define GICV4_NO_LPI        UINT32_MAX

typedef struct GICv4LPIs {
    AddressSpace *as;
    uint64_t pending_base;              /* of the tables in guest memory */
    uint64_t conf_base;
    unsigned num;                       /* LPIs in them */

    uint64_t pending[GICV4_GROUPS];
    uint8_t conf[GICV4_GROUPS * GICV4_GROUP];   /* of those that are pending */
    GICv4LPIKey group[GICV4_GROUPS];
    GICv4LPIKey chunk[GICV4_CHUNKS];
} GICv4LPIs;

/*
 * Read the tables at @pending_base and @conf_base, of INTIDs of @idbits + 1
 * bits, into *@lpis, which is made if it is NULL. More than 16 bits mean 16;
 * less than 14, no LPIs. What cannot be read is neither pending nor enabled.
 */
void gicv4_lpis_load(GICv4LPIs **lpis, AddressSpace *as,
                     uint64_t pending_base, uint64_t conf_base,
                     unsigned idbits);
/* True if *@lpis is what gicv4_lpis_load() with the same arguments has read */
bool gicv4_lpis_loaded(const GICv4LPIs *lpis, uint64_t pending_base,
                       uint64_t conf_base, unsigned idbits);
/* Does the table have a bit for @irq? */
bool gicv4_lpis_has(const GICv4LPIs *lpis, uint32_t irq);
/* Any @irq may be asked for */
bool gicv4_lpis_is_pending(const GICv4LPIs *lpis, uint32_t irq);
/*
 * Make @irq pending or not, here and in guest memory. False if it already is
 * as it should be, or there is no such LPI.
 */
bool gicv4_lpis_set(GICv4LPIs *lpis, uint32_t irq, bool level);
/* The configuration of @irq may have changed */
void gicv4_lpis_invalidate(GICv4LPIs *lpis, uint32_t irq);
/*
 * The best LPI that is pending and enabled; its priority is 0xff if there is
 * none. Priorities are as configured if @ds, else those that a Non-secure
 * interrupt has among the others.
 */
PendingIrq gicv4_lpis_best(const GICv4LPIs *lpis, bool ds);

/* ---- Tables that nobody has loaded ---- */

/* Is @irq pending in the table at @pending_base? */
bool gicv4_table_is_pending(AddressSpace *as, uint64_t pending_base,
                            uint32_t irq);
/* Make it so, or not; false if it is already */
bool gicv4_table_set(AddressSpace *as, uint64_t pending_base, uint32_t irq,
                     bool level);
/* Is @irq enabled in the table at @conf_base? */
bool gicv4_table_is_enabled(AddressSpace *as, uint64_t conf_base,
                            uint32_t irq);
/* Is any LPI pending and enabled in tables of INTIDs of @idbits + 1 bits? */
bool gicv4_table_any(AddressSpace *as, uint64_t pending_base,
                     uint64_t conf_base, unsigned idbits);
/* What is pending in the table at @from becomes pending in that at @to */
void gicv4_table_move_all(AddressSpace *as, uint64_t from, uint64_t to,
                          unsigned idbits);

#endif
