/*
 * GICv4.1: the vPE table and the virtual SGIs in guest memory
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv41.h"
#include "trace.h"

#define VPT_SGI_CONF    0
#define VPT_SGI_PENDING 16

void gicv41_vpropbaser_table(GICv3CPUState *cs, TableDesc *table)
{
    static const uint32_t page_sizes[] = {
        GITS_PAGE_SIZE_4K, GITS_PAGE_SIZE_16K,
        GITS_PAGE_SIZE_64K, GITS_PAGE_SIZE_64K
    };
    uint64_t value = cs->gicr_vpropbaser;
    uint64_t size;

    *table = (TableDesc) { .entry_sz = GICV41_VPE_SIZE };
    if (!FIELD_EX64(value, GICR_VPROPBASER41, VALID)) {
        return;
    }
    table->page_sz =
        page_sizes[FIELD_EX64(value, GICR_VPROPBASER41, PAGESIZE)];
    table->indirect = FIELD_EX64(value, GICR_VPROPBASER41, INDIRECT);
    table->base_addr = value & R_GICR_VPROPBASER41_PHYADDR_MASK;
    size = (FIELD_EX64(value, GICR_VPROPBASER41, SIZE) + 1) * table->page_sz;
    if (table->indirect) {
        size = size / L1TABLE_ENTRY_SIZE * table->page_sz;
    }
    table->num_entries = MIN(size / GICV41_VPE_SIZE, 1 << 16);
}

MemTxResult gicv41_vpe_read(GICv3State *s, const TableDesc *table,
                            uint32_t vpeid, GICv41VPE *vpe)
{
    uint8_t entry[GICV41_VPE_SIZE];
    MemTxResult res;
    uint64_t addr, w0, w1;

    *vpe = (GICv41VPE) { .id = vpeid };
    if (vpeid >= table->num_entries) {
        return MEMTX_OK;
    }
    addr = gicv3_table_entry_addr(s, table, vpeid, &res);
    if (addr == -1) {
        return res;
    }
    res = address_space_read(&s->dma_as, addr, MEMTXATTRS_UNSPECIFIED, entry,
                             sizeof(entry));
    if (res != MEMTX_OK) {
        trace_gicv41_vpe_fault(vpeid, addr);
        return res;
    }
    w0 = ldq_le_p(entry);
    w1 = ldq_le_p(entry + 8);
    vpe->valid = FIELD_EX64(w0, VTE, VALID);
    vpe->vptsize = FIELD_EX64(w0, VTE, VPTSIZE);
    vpe->vptaddr = FIELD_EX64(w0, VTE, VPTADDR) << 16;
    vpe->rdbase = FIELD_EX64(w0, VTE, RDBASE);
    vpe->vconfaddr = FIELD_EX64(w1, VTE1, VCONFADDR) << 16;
    vpe->doorbell = FIELD_EX64(w1, VTE1, DOORBELL);
    vpe->db = FIELD_EX64(w1, VTE1, DB);
    vpe->grp_en[0] = FIELD_EX64(w1, VTE1, GRP0);
    vpe->grp_en[1] = FIELD_EX64(w1, VTE1, GRP1);

    /* The table is in reach of the guest, which may have written anything */
    if (vpe->rdbase >= s->num_cpu) {
        *vpe = (GICv41VPE) { .id = vpeid };
    }
    vpe->vptsize = MIN(vpe->vptsize, GICD_TYPER_IDBITS);
    return MEMTX_OK;
}

MemTxResult gicv41_vpe_write(GICv3State *s, const TableDesc *table,
                             const GICv41VPE *vpe)
{
    uint8_t entry[GICV41_VPE_SIZE];
    MemTxResult res;
    uint64_t addr, w0 = 0, w1 = 0;

    addr = gicv3_table_entry_addr(s, table, vpe->id, &res);
    if (addr == -1) {
        return res;
    }
    if (vpe->valid) {
        w0 = FIELD_DP64(w0, VTE, VALID, 1);
        w0 = FIELD_DP64(w0, VTE, VPTSIZE, vpe->vptsize);
        w0 = FIELD_DP64(w0, VTE, VPTADDR, vpe->vptaddr >> 16);
        w0 = FIELD_DP64(w0, VTE, RDBASE, vpe->rdbase);
        w1 = FIELD_DP64(w1, VTE1, VCONFADDR, vpe->vconfaddr >> 16);
        w1 = FIELD_DP64(w1, VTE1, DOORBELL, vpe->doorbell);
        w1 = FIELD_DP64(w1, VTE1, DB, vpe->db);
        w1 = FIELD_DP64(w1, VTE1, GRP0, vpe->grp_en[0]);
        w1 = FIELD_DP64(w1, VTE1, GRP1, vpe->grp_en[1]);
    }
    trace_gicv41_vpe_write(vpe->id, vpe->valid, vpe->rdbase, vpe->vptaddr,
                           vpe->vptsize, vpe->vconfaddr, vpe->doorbell,
                           vpe->db);
    stq_le_p(entry, w0);
    stq_le_p(entry + 8, w1);
    return address_space_write(&s->dma_as, addr, MEMTXATTRS_UNSPECIFIED,
                               entry, sizeof(entry));
}

bool gicv41_vpe_has_lpi(const GICv41VPE *vpe, uint32_t irq)
{
    return irq >= GICV3_LPI_INTID_START && irq < 1u << (vpe->vptsize + 1);
}

void gicv41_sgis_read(GICv3State *s, const GICv41VPE *vpe, GICv41SGIs *sgis)
{
    uint8_t state[VPT_SGI_PENDING + 2] = {};

    address_space_read(&s->dma_as, vpe->vptaddr, MEMTXATTRS_UNSPECIFIED,
                       state, sizeof(state));
    memcpy(sgis->conf, state + VPT_SGI_CONF, GICV41_NUM_SGIS);
    sgis->pending = lduw_le_p(state + VPT_SGI_PENDING);
}

void gicv41_sgi_write_conf(GICv3State *s, const GICv41VPE *vpe, unsigned sgi,
                           uint8_t conf)
{
    address_space_write(&s->dma_as, vpe->vptaddr + VPT_SGI_CONF + sgi,
                        MEMTXATTRS_UNSPECIFIED, &conf, 1);
}

void gicv41_sgi_write_pending(GICv3State *s, const GICv41VPE *vpe,
                              uint16_t pending)
{
    uint8_t bits[2];

    stw_le_p(bits, pending);
    address_space_write(&s->dma_as, vpe->vptaddr + VPT_SGI_PENDING,
                        MEMTXATTRS_UNSPECIFIED, bits, 2);
}
