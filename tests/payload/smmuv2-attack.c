/*
 * SMMUv2 payload: a device that misbehaves
 *
 * Each way out of its domain, tried from a test device: it is refused, memory
 * stays as it was, and the SMMU says who it was and what it wanted.  By stage 1
 * alone and by stage 2 alone; the other CPUs are at work on the SMMU meanwhile.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "noise.h"
#include "pci.h"
#include "smmu.h"

#define CB      3
#define ASID    0x1234
#define VMID    5
#define IOVA    0x5000000000ull     /* page 0 of three; read-only, invalid */
#define END     BIT(39)             /* of the input */

struct domain {
    struct testdev *d;
    struct table tab;
    unsigned stage;
    uint64_t pa;                    /* at IOVA; the pages behind are victims */
};

static void use(struct domain *m)
{
    if (m->stage == 1) {
        bank_s1(CB, &m->tab, ASID, VMID);
    } else {
        bank_s2(CB, &m->tab, VMID);
    }
    stream_to_bank(0, m->d, CB);
}

static struct domain set_up(unsigned stage)
{
    struct domain m = {
        .d = &testdevs[0],
        .tab = table_new(stage, 0),
        .stage = stage,
        .pa = mem_alloc(4 * PAGE_SIZE, PAGE_SIZE),
    };

    smmu_reset(CR0_ON);
    table_map(&m.tab, IOVA, m.pa);
    use(&m);
    noise_start();
    return m;
}

static uint64_t ipa_of(const struct domain *m, uint64_t address)
{
    return m->stage == 2 ? address : 0;
}

/* A read and a write, each refused and told of; @victim: what they are after */
static void attack(struct domain *m, uint64_t address, uint64_t victim,
                   uint32_t fsr, int level)
{
    EXPECT_REFUSED(m->d, PTD_OP_READ, address, victim);
    EXPECT_FAULT(CB, m->d, fsr, LEVEL(level), address, ipa_of(m, address));
    EXPECT_REFUSED(m->d, PTD_OP_WRITE, address, victim);
    EXPECT_FAULT(CB, m->d, fsr, LEVEL(level) | WRITE, address,
                 ipa_of(m, address));
}

static void outside(unsigned stage)
{
    struct domain m = set_up(stage);
    uint64_t victim = m.pa + PAGE_SIZE;

    /* Its neighbours, and what the tables do not reach, level by level */
    attack(&m, IOVA - 8, victim, FSR(TF), 1);
    attack(&m, IOVA + PAGE_SIZE, victim, FSR(TF), 3);
    attack(&m, IOVA + 2 * MiB, victim, FSR(TF), 2);
    attack(&m, IOVA + GiB, victim, FSR(TF), 1);
    /* Physical addresses: memory, the tables, the hypervisor itself */
    attack(&m, victim, victim, FSR(TF), 1);
    attack(&m, m.tab.root, victim, FSR(TF), 1);
    attack(&m, (uintptr_t)tests, victim, FSR(TF), 1);
    attack(&m, 0, victim, FSR(TF), 1);
    /* The same page, but for address bits above the input */
    attack(&m, IOVA | END, victim, FSR(TF), 0);
    attack(&m, IOVA | BIT(48), victim, FSR(TF), 0);
    EXPECT_MAPS(m.d, IOVA, m.pa);
    EXPECT_NO_FAULT();
    noise_stop();
}

static void test_outside_s1(void)
{
    outside(1);
}

static void test_outside_s2(void)
{
    outside(2);
}

/* Bytes before the border move, none behind it */
static void border(unsigned stage)
{
    struct domain m = set_up(stage);
    uint64_t *victim = at(uint64_t, m.pa + PAGE_SIZE), old = pattern();

    for (unsigned i = 0; i < 64; i += 8) {
        mmio_write64(m.d->buffer + i, pattern());
    }
    mem_write(victim, old);
    CHECK_EQ(td_dma(m.d, PTD_OP_WRITE, IOVA + PAGE_SIZE - 32, 0, 64),
             PTD_RESULT_DECODE_ERROR);
    CHECK_EQ(td_read(m.d, PTD_CHANNEL + PTD_COUNT), 32);
    CHECK_EQ(mem_read(at(uint64_t, m.pa + PAGE_SIZE - 8)),
             mmio_read64(m.d->buffer + 24));
    CHECK_EQ(mem_read(victim), old);
    EXPECT_FAULT(CB, m.d, FSR(TF), LEVEL(3) | WRITE, IOVA + PAGE_SIZE,
                 ipa_of(&m, IOVA + PAGE_SIZE));
    noise_stop();
}

static void test_border(void)
{
    border(1);
    border(2);
}

/* Reads first, so that the TLBs know the page when the write comes */
static void test_read_only(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain m = set_up(stage);
        uint64_t leaf = stage == 1 ? LEAF_S1 | DESC_AP_RO :
                                     LEAF_S2 & ~DESC_S2AP_W;

        table_map_at(&m.tab, IOVA + PAGE_SIZE, m.pa + PAGE_SIZE, 3, leaf);
        CHECK_EQ(td_dma(m.d, PTD_OP_READ, IOVA + PAGE_SIZE, 0, 64),
                 PTD_RESULT_OK);
        EXPECT_REFUSED(m.d, PTD_OP_WRITE, IOVA + PAGE_SIZE, m.pa + PAGE_SIZE);
        EXPECT_FAULT(CB, m.d, FSR(PF), LEVEL(3) | WRITE, IOVA + PAGE_SIZE,
                     ipa_of(&m, IOVA + PAGE_SIZE));
        CHECK_EQ(td_dma(m.d, PTD_OP_READ, IOVA + PAGE_SIZE, 0, 64),
                 PTD_RESULT_OK);
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

/* No access at all: privileged, or by stage 2's S2AP; and no access flag */
static void test_no_access(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain m = set_up(stage);
        uint64_t leaf = stage == 1 ? LEAF_S1 & ~DESC_AP_USER :
                                     LEAF_S2 & ~(DESC_S2AP_R | DESC_S2AP_W);

        table_map_at(&m.tab, IOVA + PAGE_SIZE, m.pa + PAGE_SIZE, 3, leaf);
        attack(&m, IOVA + PAGE_SIZE, m.pa + PAGE_SIZE, FSR(PF), 3);
        table_map_at(&m.tab, IOVA + 2 * PAGE_SIZE, m.pa + PAGE_SIZE, 3,
                     LEAF(&m.tab) & ~DESC_AF);
        attack(&m, IOVA + 2 * PAGE_SIZE, m.pa + PAGE_SIZE, FSR(AFF), 3);
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

/* A mapping taken back is gone after the invalidation, whichever it was */
static void test_stale(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain m = set_up(stage);

        for (unsigned way = 0; way < 6; way++) {
            table_map(&m.tab, IOVA, m.pa);
            EXPECT_MAPS(m.d, IOVA, m.pa);
            table_unmap(&m.tab, IOVA);
            switch (way) {
            case 0:
                if (stage == 1) {
                    tlbi_va(CB, IOVA, ASID);
                } else {
                    tlbi_ipa(CB, IOVA);
                }
                tlb_sync(CB);
                break;
            case 1:
                if (stage == 1) {
                    tlbi_asid(CB, ASID);
                    tlb_sync(CB);
                } else {
                    tlbi_vmid(VMID);
                    tlb_gsync();
                }
                break;
            case 2:
                tlbi_vmid(VMID);
                tlb_gsync();
                break;
            case 3:
                tlbi_all();
                tlb_gsync();
                break;
            case 4:
                if (stage == 1) {
                    cb_write64(CB, A_CB_TLBIVAL, (uint64_t)ASID << 48 |
                               IOVA >> 12);
                } else {
                    cb_write64(CB, A_CB_TLBIIPAS2L, IOVA >> 12);
                }
                tlb_sync(CB);
                break;
            case 5:
                if (stage == 1) {
                    cb_write64(CB, A_CB_TLBIVAA, IOVA >> 12);
                    tlb_sync(CB);
                } else {
                    tlbi_vmid(VMID);
                    tlb_gsync();
                }
                break;
            }
            attack(&m, IOVA, m.pa, FSR(TF), 3);
        }
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

/* A table taken back, and filled with descriptors of another's choice */
static void test_stale_table(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain m = set_up(stage);
        uint64_t *table = table_desc(&m.tab, IOVA & -(2 * MiB), 3);
        uint64_t victim = m.pa + PAGE_SIZE;

        EXPECT_MAPS(m.d, IOVA, m.pa);
        mem_write(table_desc(&m.tab, IOVA, 2), 0);
        if (stage == 1) {
            tlbi_va(CB, IOVA, ASID);
        } else {
            tlbi_ipa(CB, IOVA);
        }
        tlb_sync(CB);
        for (unsigned i = 0; i < 512; i++) {
            table[i] = victim | LEAF(&m.tab) | 3;
        }
        attack(&m, IOVA, victim, FSR(TF), 2);
        attack(&m, IOVA + PAGE_SIZE, victim, FSR(TF), 2);
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

/* A stream that no entry knows, or two; one that is to fault, or goes astray */
static void test_wrong_stream(void)
{
    struct domain m = set_up(1);

    EXPECT_MAPS(m.d, IOVA, m.pa);

    stream_off(0);
    EXPECT_REFUSED(m.d, PTD_OP_WRITE, IOVA, m.pa);
    EXPECT_GLOBAL_FAULT(m.d, R_GFSR_USF_MASK, GLOBAL_WRITE, IOVA);
    EXPECT_REFUSED(m.d, PTD_OP_READ, m.pa, m.pa);
    EXPECT_GLOBAL_FAULT(m.d, R_GFSR_USF_MASK, 0, m.pa);

    stream_to_bank(0, m.d, CB);
    stream_to_bank(1, m.d, CB);
    EXPECT_REFUSED(m.d, PTD_OP_WRITE, IOVA, m.pa);
    EXPECT_GLOBAL_FAULT(m.d, R_GFSR_SMCF_MASK, GLOBAL_WRITE, IOVA);
    stream_off(1);

    stream_to(0, m.d, S2CR_TYPE_FAULT);
    EXPECT_REFUSED(m.d, PTD_OP_WRITE, IOVA, m.pa);
    EXPECT_GLOBAL_FAULT(m.d, R_GFSR_ICF_MASK, GLOBAL_WRITE, IOVA);

    stream_to_bank(0, m.d, 200);
    EXPECT_REFUSED(m.d, PTD_OP_WRITE, IOVA, m.pa);
    EXPECT_GLOBAL_FAULT(m.d, R_GFSR_UCBF_MASK, GLOBAL_WRITE, IOVA);

    stream_to_bank(0, m.d, CB);
    EXPECT_MAPS(m.d, IOVA, m.pa);
    EXPECT_NO_FAULT();
    noise_stop();
}

/*
 * Another's requester ID: the SMMU takes the device for that function, as it
 * must, so it may do what that one may: nothing if that is nobody.
 */
static void test_forged_stream(void)
{
    struct domain m = set_up(1);
    struct table tab = table_new(1, 0);
    struct td_request r = {
        .op = PTD_OP_WRITE, .address = IOVA, .length = 4,
    };
    struct testdev nobody = { .rid = 0xb8 }, owner = { .rid = 0xb0 };
    uint64_t secret = pattern();

    EXPECT_MAPS(m.d, IOVA, m.pa);
    mem_write(at(uint64_t, m.pa), secret);
    r.requester = PTD_REQUESTER_OTHER | nobody.rid;
    td_go(m.d, &r);
    CHECK_EQ(td_finish(m.d), PTD_RESULT_DECODE_ERROR);
    CHECK_EQ(mem_read(at(uint64_t, m.pa)), secret);
    EXPECT_GLOBAL_FAULT(&nobody, R_GFSR_USF_MASK, GLOBAL_WRITE, IOVA);

    /* Somebody's: it is in that domain, and reported as that one */
    bank_s1(CB + 1, &tab, ASID + 1, VMID);
    stream_to_bank(1, &owner, CB + 1);
    r.requester = PTD_REQUESTER_OTHER | owner.rid;
    td_go(m.d, &r);
    CHECK_EQ(td_finish(m.d), PTD_RESULT_DECODE_ERROR);
    CHECK_EQ(mem_read(at(uint64_t, m.pa)), secret);
    EXPECT_FAULT(CB + 1, &owner, FSR(TF), LEVEL(1) | WRITE, IOVA, 0);
    EXPECT_MAPS(m.d, IOVA, m.pa);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* A bank that is off translates nothing: what it had cached is no way round */
static void test_disabled_bank(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain m = set_up(stage);
        uint64_t page = m.pa + PAGE_SIZE;
        struct table guest;

        EXPECT_MAPS(m.d, IOVA, m.pa);
        bank_off(CB);
        tlbi_all();
        tlb_gsync();
        /* Addresses pass as they are: IOVA is now where no memory is */
        CHECK_EQ(td_dma(m.d, PTD_OP_WRITE, IOVA, 0, 4),
                 PTD_RESULT_DECODE_ERROR);
        EXPECT_MAPS(m.d, page, page);
        EXPECT_NO_FAULT();

        /* Again on: as if nothing had been */
        use(&m);
        EXPECT_MAPS(m.d, IOVA, m.pa);
        attack(&m, page, page, FSR(TF), 1);

        /* A guest that switches its stage 1 off has stage 2 still */
        if (stage == 2) {
            guest = table_new(1, 0);
            bank_nested(CB + 1, &guest, ASID, CB);
            bank_off(CB + 1);
            stream_to_bank(0, m.d, CB + 1);
            EXPECT_MAPS(m.d, IOVA, m.pa);
            EXPECT_REFUSED(m.d, PTD_OP_WRITE, page, page);
            EXPECT_FAULT(CB, m.d, FSR(TF), LEVEL(1) | WRITE | NESTED(CB + 1),
                         page, page);
        }
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

/* Two devices at it: each is told apart, the second one as MULTI */
static void test_two_attackers(void)
{
    struct domain m = set_up(1);
    struct testdev *other = &testdevs[1];
    struct fault f;

    noise_stop();
    stream_to_bank(1, other, CB);
    stream_off(NOISE_STREAM + 1);
    EXPECT_REFUSED(other, PTD_OP_WRITE, IOVA + PAGE_SIZE, m.pa);
    EXPECT_REFUSED(m.d, PTD_OP_READ, IOVA + GiB, m.pa);
    f = fault_read(CB);
    CHECK_EQ(f.fsr, FSR(TF) | R_CB_FSR_MULTI_MASK);
    CHECK_EQ(f.sid, other->rid);
    CHECK_EQ(f.far, IOVA + PAGE_SIZE);
    CHECK_EQ(f.fsynr0, LEVEL(3) | WRITE);
    fault_clear(CB);
    EXPECT_REFUSED(m.d, PTD_OP_READ, IOVA + GiB, m.pa);
    EXPECT_FAULT(CB, m.d, FSR(TF), LEVEL(1), IOVA + GiB, 0);
    EXPECT_NO_FAULT();
}

/* Nobody asked for reports: refused all the same */
static void test_quiet(void)
{
    struct domain m = set_up(1);

    cb_write(CB, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_CFIE_MASK);
    attack(&m, IOVA + PAGE_SIZE, m.pa, FSR(TF), 3);

    /* CFRE 0: no bus error; a read brings zeroes and a write changes nothing */
    cb_write(CB, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_CFRE_MASK);
    mem_write(at(uint64_t, m.pa), 0x1111111111111111);
    mmio_write64(m.d->buffer, 0x2222222222222222);
    CHECK_EQ(td_dma(m.d, PTD_OP_WRITE, IOVA + PAGE_SIZE, 0, 4), PTD_RESULT_OK);
    CHECK_EQ(mem_read(at(uint64_t, m.pa)), 0x1111111111111111);
    EXPECT_FAULT(CB, m.d, FSR(TF), LEVEL(3) | WRITE, IOVA + PAGE_SIZE, 0);
    CHECK_EQ(td_dma(m.d, PTD_OP_READ, IOVA + PAGE_SIZE, 0, 4), PTD_RESULT_OK);
    CHECK_EQ((uint32_t)mmio_read64(m.d->buffer), 0);
    EXPECT_FAULT(CB, m.d, FSR(TF), LEVEL(3), IOVA + PAGE_SIZE, 0);
    EXPECT_NO_FAULT();
    noise_stop();
}

const struct test tests[] = {
    { "outside the domain, stage 1", test_outside_s1 },
    { "outside the domain, stage 2", test_outside_s2 },
    { "across the border", test_border },
    { "a write to a read-only page", test_read_only },
    { "no permission, no access flag", test_no_access },
    { "a stale mapping after TLBI", test_stale },
    { "a stale table after TLBI", test_stale_table },
    { "wrong streams", test_wrong_stream },
    { "a forged stream", test_forged_stream },
    { "a disabled bank", test_disabled_bank },
    { "two attackers in one bank", test_two_attackers },
    { "faults that nobody wants to hear of", test_quiet },
    {}
};
