/*
 * GICv4.1: the ITS
 *
 * Commands about vPEs, and the frame of GITS_SGIR. As in the base, memory that
 * cannot be read stalls the queue, and a command whose parameters are wrong is
 * logged and ignored.
 *
 * GITS_TYPER.SVPET says that the vPE table is shared with all redistributors,
 * hence with the other ITSes. So a vPE is mapped once: VMAPP with V = 0 and
 * Alloc = 0, by which one of several ITSes forgets a vPE that others still
 * use, leaves the entry alone; the last one has Alloc = 1. VMOVP is wanted
 * from one ITS only (GITS_TYPER.VMOVP).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "events.h"
#include "gicv41.h"
#include "trace.h"

#define GITS_TYPER_SVPET_AFF3   1

static ItsCmdResult bad(const char *cmd, uint32_t vpeid, const char *what,
                        uint64_t value)
{
    qemu_log_mask(LOG_GUEST_ERROR, "ITS %s: vPE %u: %s 0x%" PRIx64 "\n", cmd,
                  vpeid, what, value);
    return CMD_CONTINUE;
}

/* The entry of @vpeid, which need not be valid */
static ItsCmdResult find(GICv3ITSState *its, const char *cmd, uint32_t vpeid,
                         GICv41VPE *vpe)
{
    if (vpeid >= its->vpet.num_entries) {
        return bad(cmd, vpeid, "beyond the table's size",
                   its->vpet.num_entries);
    }
    return gicv41_vpe_read(its->gicv3, &its->vpet, vpeid, vpe) == MEMTX_OK ?
        CMD_CONTINUE_OK : CMD_STALL;
}

/* The entry of @vpeid, which must be valid */
static ItsCmdResult find_mapped(GICv3ITSState *its, const char *cmd,
                                uint32_t vpeid, GICv41VPE *vpe)
{
    ItsCmdResult result = find(its, cmd, vpeid, vpe);

    if (result == CMD_CONTINUE_OK && !vpe->valid) {
        return bad(cmd, vpeid, "not mapped", 0);
    }
    return result;
}

static ItsCmdResult find_lpi(GICv3ITSState *its, const char *cmd,
                             uint32_t vpeid, uint32_t vintid, GICv41VPE *vpe)
{
    ItsCmdResult result = find_mapped(its, cmd, vpeid, vpe);

    if (result == CMD_CONTINUE_OK && !gicv41_vpe_has_lpi(vpe, vintid)) {
        return bad(cmd, vpeid, "INTID out of range", vintid);
    }
    return result;
}

static void changed(gpointer its, gpointer unused)
{
    gicv4_its_changed(its);
}

static ItsCmdResult put(GICv3ITSState *its, const GICv41VPE *vpe)
{
    /* The table is that of all ITSes */
    gicv3_foreach_its(its->gicv3, changed, NULL);
    return gicv41_vpe_write(its->gicv3, &its->vpet, vpe) == MEMTX_OK ?
        CMD_CONTINUE_OK : CMD_STALL;
}

static bool valid_doorbell(uint32_t intid)
{
    return intid == INTID_SPURIOUS ||
        (intid >= GICV3_LPI_INTID_START &&
         intid < 1u << (GICD_TYPER_IDBITS + 1));
}

/* Wherever @vpeid is resident, its entry is another one now */
static void entry_changed(GICv3ITSState *its, uint32_t vpeid)
{
    for (int i = 0; i < its->gicv3->num_cpu; i++) {
        GICv3CPUState *cs = &its->gicv3->cpu[i];

        if (cs->v41->resident && cs->v41->vpe.id == vpeid) {
            gicv41_reload(cs);
        }
    }
}

static ItsCmdResult vmapp(GICv3ITSState *its, const uint64_t *cmd)
{
    bool alloc = FIELD_EX64(cmd[0], VMAPP_0, ALLOC);
    bool ptz = FIELD_EX64(cmd[0], VMAPP_0, PTZ);
    GICv41VPE old, vpe = {
        .id = FIELD_EX64(cmd[1], VMAPP_1, VPEID),
        .valid = FIELD_EX64(cmd[2], VMAPP_2, V),
        .vptsize = FIELD_EX64(cmd[3], VMAPP_3, VPTSIZE),
        .vptaddr = FIELD_EX64(cmd[3], VMAPP_3, VPTADDR) << 16,
        .vconfaddr = FIELD_EX64(cmd[0], VMAPP_0, VCONFADDR) << 16,
        .doorbell = FIELD_EX64(cmd[1], VMAPP_1, DEFAULT_DOORBELL),
    };
    uint64_t rdbase = FIELD_EX64(cmd[2], VMAPP_2, RDBASE);
    ItsCmdResult result;

    trace_gicv41_cmd_vmapp(vpe.id, vpe.valid, alloc, ptz, rdbase, vpe.vptaddr,
                           vpe.vptsize, vpe.vconfaddr, vpe.doorbell);
    if (vpe.valid) {
        if (rdbase >= its->gicv3->num_cpu) {
            return bad("VMAPP", vpe.id, "no redistributor", rdbase);
        }
        if (vpe.vptsize > FIELD_EX64(its->typer, GITS_TYPER, IDBITS)) {
            return bad("VMAPP", vpe.id, "VPT_size out of range", vpe.vptsize);
        }
        if (!valid_doorbell(vpe.doorbell)) {
            return bad("VMAPP", vpe.id, "no doorbell", vpe.doorbell);
        }
    }
    result = find(its, "VMAPP", vpe.id, &old);
    if (result != CMD_CONTINUE_OK) {
        return result;
    }
    vpe.rdbase = rdbase;
    if (!vpe.valid) {
        if (!alloc) {
            return CMD_CONTINUE_OK;
        }
    } else if (!alloc && old.valid) {
        /* Mapped by another ITS, and perhaps waiting for its doorbell */
        vpe.db = old.db;
        memcpy(vpe.grp_en, old.grp_en, sizeof(vpe.grp_en));
    }
    /*
     * Pending bits, and SGI state, are in the pending table and nowhere else:
     * there is nothing to zero if PTZ is set, to read if it is not, or to
     * write back when the vPE is unmapped.
     */
    result = put(its, &vpe);
    entry_changed(its, vpe.id);
    return result;
}

static ItsCmdResult vmovp(GICv3ITSState *its, const uint64_t *cmd)
{
    uint32_t vpeid = FIELD_EX64(cmd[1], VMOVP_1, VPEID);
    uint64_t rdbase = FIELD_EX64(cmd[2], VMOVP_2, RDBASE);
    bool db = FIELD_EX64(cmd[2], VMOVP_2, DB);
    uint32_t doorbell = FIELD_EX64(cmd[3], VMOVP_3, DEFAULT_DOORBELL);
    GICv3CPUState *cpu = its->gicv3->cpu;
    GICv41VPE old, vpe;
    ItsCmdResult result;

    trace_gicv41_cmd_vmovp(vpeid, rdbase, db, doorbell);
    if (rdbase >= its->gicv3->num_cpu) {
        return bad("VMOVP", vpeid, "no redistributor", rdbase);
    }
    if (db && !valid_doorbell(doorbell)) {
        return bad("VMOVP", vpeid, "no doorbell", doorbell);
    }
    result = find_mapped(its, "VMOVP", vpeid, &old);
    if (result != CMD_CONTINUE_OK) {
        return result;
    }
    vpe = old;
    vpe.rdbase = rdbase;
    if (db) {
        vpe.doorbell = doorbell;
    }
    result = put(its, &vpe);

    /* A doorbell that has rung and was not heard goes along */
    if (old.rdbase != vpe.rdbase && old.doorbell == vpe.doorbell &&
        vpe.doorbell != INTID_SPURIOUS) {
        gicv3_redist_mov_lpi(&cpu[old.rdbase], &cpu[vpe.rdbase],
                             vpe.doorbell);
    }
    entry_changed(its, vpeid);
    return result;
}

static ItsCmdResult vsgi(GICv3ITSState *its, const uint64_t *cmd)
{
    uint32_t vpeid = FIELD_EX64(cmd[1], VSGI_1, VPEID);
    unsigned sgi = FIELD_EX64(cmd[0], VSGI_0, SGI);
    bool clear = FIELD_EX64(cmd[0], VSGI_0, CLEAR);
    uint8_t conf = FIELD_EX64(cmd[0], VSGI_0, PRIORITY) << 4;
    ItsCmdResult result;
    GICv41VPE vpe;

    conf = FIELD_DP8(conf, VSGI_CONF, ENABLE,
                     FIELD_EX64(cmd[0], VSGI_0, ENABLE));
    conf = FIELD_DP8(conf, VSGI_CONF, GROUP,
                     FIELD_EX64(cmd[0], VSGI_0, GROUP));
    trace_gicv41_cmd_vsgi(vpeid, sgi, clear, conf);
    result = find_mapped(its, "VSGI", vpeid, &vpe);
    if (result != CMD_CONTINUE_OK) {
        return result;
    }
    if (clear) {
        /* The configuration stays what it is */
        gicv41_set_sgi(its->gicv3, &its->vpet, &vpe, sgi, false);
    } else {
        gicv41_configure_sgi(its->gicv3, &its->vpet, &vpe, sgi, conf);
    }
    return CMD_CONTINUE_OK;
}

static ItsCmdResult invdb(GICv3ITSState *its, const uint64_t *cmd)
{
    uint32_t vpeid = FIELD_EX64(cmd[1], INVDB_1, VPEID);
    ItsCmdResult result;
    GICv41VPE vpe;

    trace_gicv41_cmd_invdb(vpeid);
    result = find_mapped(its, "INVDB", vpeid, &vpe);
    if (result != CMD_CONTINUE_OK) {
        return result;
    }
    if (vpe.doorbell == INTID_SPURIOUS) {
        return bad("INVDB", vpeid, "no doorbell", vpe.doorbell);
    }
    gicv3_redist_inv_lpi(&its->gicv3->cpu[vpe.rdbase], vpe.doorbell);
    return CMD_CONTINUE_OK;
}

static ItsCmdResult vinvall(GICv3ITSState *its, const uint64_t *cmd)
{
    uint32_t vpeid = FIELD_EX64(cmd[1], VINVALL_1, VPEID);
    ItsCmdResult result;
    GICv41VPE vpe;

    trace_gicv41_cmd_vinvall(vpeid);
    result = find_mapped(its, "VINVALL", vpeid, &vpe);
    if (result == CMD_CONTINUE_OK) {
        gicv41_invalidate(its->gicv3, &its->vpet, &vpe, 0);
    }
    return result;
}

/* Nothing is ever on its way, so this only says what is wrong */
static ItsCmdResult vsync(GICv3ITSState *its, const uint64_t *cmd)
{
    uint32_t vpeid = FIELD_EX64(cmd[1], VSYNC_1, VPEID);
    GICv41VPE vpe;

    trace_gicv41_cmd_vsync(vpeid);
    return find_mapped(its, "VSYNC", vpeid, &vpe);
}

bool gicv41_its_command(GICv3ITSState *its, const uint64_t *cmdpkt,
                        ItsCmdResult *result)
{
    static const struct {
        uint8_t code;
        ItsCmdResult (*run)(GICv3ITSState *its, const uint64_t *cmdpkt);
    } commands[] = {
        { GITS_CMD_VMAPP, vmapp },
        { GITS_CMD_VMOVP, vmovp },
        { GITS_CMD_VSGI, vsgi },
        { GITS_CMD_INVDB, invdb },
        { GITS_CMD_VINVALL, vinvall },
        { GITS_CMD_VSYNC, vsync },
    };

    if (!its->gicv3->gicv41) {
        return false;
    }
    for (int i = 0; i < ARRAY_SIZE(commands); i++) {
        if ((cmdpkt[0] & CMD_MASK) == commands[i].code) {
            *result = commands[i].run(its, cmdpkt);
            return true;
        }
    }
    return false;
}

ItsCmdResult gicv41_its_event(GICv3ITSState *its, uint32_t vpeid,
                              uint32_t vintid, uint32_t doorbell, bool level)
{
    ItsCmdResult result;
    GICv41VPE vpe;

    result = find_lpi(its, "event", vpeid, vintid, &vpe);
    if (result == CMD_CONTINUE_OK) {
        gicv41_set_lpi(its->gicv3, &its->vpet, &vpe, vintid, doorbell, level);
    }
    return result;
}

ItsCmdResult gicv41_its_inv(GICv3ITSState *its, uint32_t vpeid,
                            uint32_t vintid)
{
    ItsCmdResult result;
    GICv41VPE vpe;

    result = find_lpi(its, "INV", vpeid, vintid, &vpe);
    if (result == CMD_CONTINUE_OK) {
        gicv41_invalidate(its->gicv3, &its->vpet, &vpe, vintid);
    }
    return result;
}

ItsCmdResult gicv41_its_movi(GICv3ITSState *its, uint32_t from, uint32_t to,
                             uint32_t vintid, uint32_t doorbell)
{
    GICv41VPE vpe, new;
    ItsCmdResult result;

    result = find_lpi(its, "VMOVI", from, vintid, &vpe);
    if (result != CMD_CONTINUE_OK) {
        return result;
    }
    result = find_lpi(its, "VMOVI", to, vintid, &new);
    if (result != CMD_CONTINUE_OK) {
        return result;
    }
    if (vpe.vptaddr != new.vptaddr &&
        gicv41_lpi_is_pending(its->gicv3, &vpe, vintid)) {
        gicv41_set_lpi(its->gicv3, &its->vpet, &vpe, vintid, INTID_SPURIOUS,
                       false);
        gicv41_set_lpi(its->gicv3, &its->vpet, &new, vintid, doorbell, true);
    }
    return CMD_CONTINUE_OK;
}

/* ---- Events that are known ---- */

void gicv4_its_realize(GICv3ITSState *its)
{
    its->events = gicv4_events_new();
    object_property_add_uint64_ptr(OBJECT(its), "known-events",
                                   &its->events->hits, OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(OBJECT(its), "looked-up-events",
                                   &its->events->misses, OBJ_PROP_FLAG_READ);
}

void gicv4_its_reset(GICv3ITSState *its)
{
    gicv4_its_changed(its);
    its->events->hits = 0;
    its->events->misses = 0;
}

void gicv4_its_changed(GICv3ITSState *its)
{
    gicv4_events_flush(its->events);
}

bool gicv4_its_raise(GICv3ITSState *its, uint32_t devid, uint32_t eventid)
{
    GICv4Event *event = gicv4_events_find(its->events, devid, eventid);
    GICv3State *s = its->gicv3;
    GICv41VPE vpe;

    if (!event) {
        return false;
    }
    if (!event->is_virtual) {
        gicv3_redist_process_lpi(&s->cpu[event->cpu], event->intid, 1);
    } else if (!s->gicv41) {
        gicv3_redist_process_vlpi(&s->cpu[event->cpu], event->intid,
                                  event->vptaddr, event->doorbell, 1);
    } else if (gicv41_runs_on(&s->cpu[event->cpu], event->vpeid)) {
        gicv41_count_resident(&s->cpu[event->cpu], GICV41_KNOWN);
        gicv41_set_resident_lpi(&s->cpu[event->cpu], event->intid, true);
    } else if (find_lpi(its, "event", event->vpeid, event->intid,
                        &vpe) == CMD_CONTINUE_OK) {
        event->cpu = vpe.rdbase;
        gicv41_count(s, vpe.id, GICV41_KNOWN);
        gicv41_set_lpi(s, &its->vpet, &vpe, event->intid, event->doorbell,
                       true);
    }
    return true;
}

/* ---- Registers ---- */

bool gicv41_its_read(GICv3ITSState *its, hwaddr offset, uint64_t *data)
{
    if (!its->gicv3->gicv41 || offset != GITS_MPIDR) {
        return false;
    }
    /* SVPET: shared by all with Aff3 = 0, which all CPUs have */
    *data = 0;
    return true;
}

static MemTxResult sgi_read(void *opaque, hwaddr offset, uint64_t *data,
                            unsigned size, MemTxAttrs attrs)
{
    *data = 0;
    return MEMTX_OK;
}

static MemTxResult sgi_write(void *opaque, hwaddr offset, uint64_t data,
                             unsigned size, MemTxAttrs attrs)
{
    GICv3ITSState *its = opaque;
    unsigned sgi = FIELD_EX64(data, GITS_SGIR, VINTID);
    uint32_t vpeid = FIELD_EX64(data, GITS_SGIR, VPEID);
    GICv41VPE vpe;

    if (offset != GITS_SGIR || size != 8) {
        qemu_log_mask(LOG_GUEST_ERROR, "ITS: write of %u bytes at 0x%"
                      HWADDR_PRIx " of the frame of GITS_SGIR\n", size,
                      offset);
        return MEMTX_OK;
    }
    trace_gicv41_sgir(vpeid, sgi);
    if (FIELD_EX32(its->ctlr, GITS_CTLR, ENABLED) &&
        find_mapped(its, "SGIR", vpeid, &vpe) == CMD_CONTINUE_OK) {
        gicv41_set_sgi(its->gicv3, &its->vpet, &vpe, sgi, true);
    }
    return MEMTX_OK;
}

static const MemoryRegionOps sgi_ops = {
    .read_with_attrs = sgi_read,
    .write_with_attrs = sgi_write,
    .valid.min_access_size = 4,
    .valid.max_access_size = 8,
    .impl.min_access_size = 4,
    .impl.max_access_size = 8,
    .endianness = DEVICE_NATIVE_ENDIAN,
};

void gicv41_its_realize(GICv3ITSState *its)
{
    its->typer = FIELD_DP64(its->typer, GITS_TYPER, VSGI, 1);
    its->typer = FIELD_DP64(its->typer, GITS_TYPER, VMAPP, 1);
    its->typer = FIELD_DP64(its->typer, GITS_TYPER, SVPET,
                            GITS_TYPER_SVPET_AFF3);

    memory_region_init_io(&its->iomem_its_sgi, OBJECT(its), &sgi_ops, its,
                          "sgi", ITS_SGI_SIZE);
    memory_region_set_size(&its->iomem_main, ITS_SIZE + ITS_SGI_SIZE);
    memory_region_add_subregion(&its->iomem_main, ITS_SIZE,
                                &its->iomem_its_sgi);
}
