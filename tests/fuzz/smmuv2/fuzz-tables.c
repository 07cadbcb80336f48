/*
 * Fuzzer of the SMMUv2 model: paths of tables to a leaf
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-program.h"

/* Levels of a granule: log2 of what an entry maps */
static int entry_shift(unsigned granule, int level)
{
    return granule + (3 - level) * (granule - 3);
}

/* The table of an address, and the address as it is within that */
static bool select_table(const SMMUv2StageConfig *cfg, uint64_t *input)
{
    unsigned t0sz = cfg->tt[0].tsz - 32, t1sz = cfg->tt[1].tsz - 32;

    if (cfg->format == SMMUV2_FORMAT_AARCH64 || cfg->stage == 2) {
        return cfg->stage == 1 && !cfg->hyp && *input >> 63;
    }
    *input &= 0xffffffff;
    if (cfg->format == SMMUV2_FORMAT_AARCH32_SHORT) {
        return cfg->tt[0].tsz && *input >> (32 - cfg->tt[0].tsz);
    }
    return !cfg->hyp && (t1sz ? !((uint32_t)~*input >> (32 - t1sz)) :
                                t0sz && *input >> (32 - t0sz));
}

/* A table of the size of its alignment, somewhere */
static uint64_t new_table(uint64_t size)
{
    f.next_table = ROUND_UP(f.next_table, size);
    if (f.next_table + size > RAM_SIZE) {
        f.next_table = TABLES;
    }
    f.next_table += size;
    return f.next_table - size;
}

/* make_path() for short descriptors; @leaf is of its level */
static uint64_t make_short_path(const SMMUv2StageConfig *cfg, uint64_t *input,
                                int leaf_level, uint32_t leaf)
{
    unsigned n = cfg->tt[0].tsz;
    bool upper = select_table(cfg, input), repeated;
    uint64_t at = upper ? (cfg->tt[1].ttb & 0xffffc000) + (*input >> 20) * 4 :
                  (cfg->tt[0].ttb & -(0x4000ull >> n)) + (*input >> 20) * 4;
    uint64_t desc;

    if (at > RAM_SIZE - 8) {
        return 0;
    }
    repeated = leaf_level == 1 ? leaf & BIT(18) : !(leaf & 2);
    if (leaf_level == 2) {
        desc = load_desc(at, 4, cfg->big_endian);
        if ((desc & 3) != 1 || (desc & 0xfffffc00) > RAM_SIZE - 0x400) {
            desc = new_table(0x400) | 1 | (leaf & 4);
            store_desc(at, 4, desc, cfg->big_endian);
        }
        at = (desc & 0xfffffc00) + (*input >> 12 & 0xff) * 4;
    }
    for (int i = 0; i < (repeated ? 16 : 1); i++) {
        store_desc(repeated ? (at & ~0x3full) + 4 * i : at, 4, leaf,
                   cfg->big_endian);
    }
    return at;
}

/*
 * A path of tables in one stage of a bank from its root to a leaf, for an
 * address; tables that are there are used.  Returns where the leaf is, or 0;
 * the address becomes one that the tables have.
 */
static uint64_t make_path(const SMMUv2StageConfig *cfg, uint64_t *input,
                          int leaf_level, uint64_t leaf)
{
    bool upper = select_table(cfg, input);
    const SMMUv2TableConfig *tt = &cfg->tt[upper];
    uint64_t addr = *input;
    unsigned granule = tt->granule, bits = 64 - tt->tsz;
    int level = 0;
    uint64_t table, at, desc, mask;

    if (!granule || tt->tsz < 16 || tt->tsz > 39) {
        return 0;
    }
    if (cfg->stage == 1) {
        while (entry_shift(granule, level) >= bits) {
            level++;
        }
    } else {
        level = (granule == 12 ? 2 : 3) - MIN(cfg->sl0, 2);
        if (entry_shift(granule, level) >= bits) {
            return 0;
        }
    }
    mask = (1ull << (bits - entry_shift(granule, level) + 3)) - 1;
    table = tt->ttb & ~mask & 0xfffffffffff8;
    addr &= (1ull << bits) - 1;
    *input = upper ? addr | -1ull << bits : addr;
    if (cfg->format == SMMUV2_FORMAT_AARCH32_LONG && cfg->stage == 1) {
        *input &= 0xffffffff;
    }
    for (;; level++) {
        int shift = entry_shift(granule, level);

        at = table + (addr >> shift << 3);
        if (at > RAM_SIZE - 8) {
            return 0;
        }
        if (level >= leaf_level) {
            store_desc(at, 8, leaf, cfg->big_endian);
            return at;
        }
        desc = load_desc(at, 8, cfg->big_endian);
        table = desc & (0xffffffffffffull & ~((1ull << granule) - 1));
        if ((desc & 3) != 3 || table > RAM_SIZE - 8) {
            table = new_table(1 << granule);
            store_desc(at, 8, table | 3 | (leaf & 0x7800000000000000),
                       cfg->big_endian);
        }
        addr &= (1ull << shift) - 1;
    }
}

uint64_t any_addr(void)
{
    unsigned how = next8();
    uint64_t addr = next(6);

    if (how & 1 && f.num_leaves) {
        addr = f.leaf[how >> 4 & 7 & (f.num_leaves - 1)].addr ^
               (addr & (how & 2 ? 0xfff : 0x1fffff));
    } else if (how & 0x8) {
        addr &= 0xffffff;
    } else if (how & 0x10) {
        addr |= 0xffff000000000000;
    } else if (how & 0x20) {
        addr |= 0xffffffffff000000;
    } else if (how & 0x40) {
        addr &= 0xffffffff;
    }
    return how == 0xff ? next(8) : addr;
}

/* What a leaf may look like: mostly permissive and accessed */
static uint64_t any_leaf(int level, unsigned stage)
{
    unsigned how = next8();
    uint64_t leaf = next(8);

    leaf &= 0x78600000000001fc | MAKE_64BIT_MASK(12, 36);
    leaf |= level == 3 ? 3 : 1;
    if (how & 7) {
        leaf |= 0x740 | (stage == 2 ? 0xc0 : 0);
        leaf &= ~(0x78ull << 56);
    }
    if (how & 0x38) {
        leaf &= ~(3ull << 53);
    }
    if (how & 0x40 && stage == 2) {
        leaf |= 0x3c;
    }
    if (how & 0x80) {
        leaf &= ~MAKE_64BIT_MASK(32, 16);
    }
    return leaf;
}

/* A section or supersection, a small or large page; mostly of full access */
static uint32_t any_short_leaf(int level)
{
    unsigned how = next8();
    uint32_t leaf = next(4) & ~3;

    leaf |= level == 1 || how & 1 ? 2 : 1;
    if (how & 0xe) {
        leaf |= level == 1 ? 0xc00 : 0x30;
        leaf &= ~(level == 1 ? BIT(15) | BIT(4) : BIT(9) | BIT(15) | BIT(0));
        leaf |= level == 2 && !(leaf & 2) ? 1 : 0;
    }
    if (level == 1 && how & 0x70) {
        leaf &= how & 0x10 ? ~BIT(18) : ~0xf001e0;
    }
    return leaf;
}

void op_path(void)
{
    unsigned cb = next8() % NUM_CB, how = next8();
    SMMUv2BankConfig cfg = smmuv2_cb_decode(&f.m->tcu.regs, NUM_CB, cb);
    SMMUv2StageConfig *s = cfg.has_s1 && (how & 1 || !cfg.has_s2) ? &cfg.s1 :
                                                                    &cfg.s2;
    int level = how & 2 ? 3 : how & 4 ? 2 : 1 + (how >> 3 & 1);
    uint64_t addr = any_addr();
    bool is_short = s->format == SMMUV2_FORMAT_AARCH32_SHORT;
    uint64_t at;

    if (is_short) {
        level = MIN(level, 2);
        at = make_short_path(s, &addr, level, any_short_leaf(level));
    } else {
        at = make_path(s, &addr, level, any_leaf(level, s->stage));
    }
    if (at) {
        f.leaf[f.num_leaves++ & 7] = (Leaf) {
            cb, s->stage, addr, at, is_short ? 4 : 8, s->big_endian,
        };
    }
}

/* Stage 2 maps the first blocks of its input to themselves */
void op_identity(void)
{
    unsigned cb = next8() % NUM_CB, how = next8();
    SMMUv2BankConfig cfg = smmuv2_cb_decode(&f.m->tcu.regs, NUM_CB, cb);
    int level = cfg.s2.tt[0].granule == 12 && how & 1 ? 1 : 2;
    uint64_t blocks = how & 2 ? 1 : 4;

    for (uint64_t i = 0; cfg.has_s2 && i < blocks; i++) {
        uint64_t addr = i << entry_shift(cfg.s2.tt[0].granule ?: 12, level);

        make_path(&cfg.s2, &addr, level, addr | 0x7fd);
    }
}
