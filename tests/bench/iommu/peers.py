# SPDX-License-Identifier: GPL-2.0-or-later
"""What each IOMMU wants before it translates, and how it is told to forget.

A peer maps PAGES pages from IOVA on, to data in memory, for the bench device,
and knows the steps by which a driver changes a page and invalidates.  The
layouts are those of Arm IHI 0062 (SMMUv2), IHI 0070 (SMMUv3), the VT-d
specification and DDI 0487 (tables).
"""

import struct

from .device import LOAD, STORE, BenchDevice, CountingDevice, Step

PAGE = 4096
PAGES = 32768
IOVA = 1 << 32
DATA_PAGES = 256
RANGE = 16              # pages of one unmap
RTC_ICR = 0x0901001c    # of virt


def words(values):
    return struct.pack(f'<{len(values)}Q', *values)


class Tables:
    """A table of four levels of 512 entries, in memory from base on."""

    def __init__(self, qtest, base, table_bits, leaf):
        """leaf(i) is the descriptor of page i."""
        self._qtest, self._leaf = qtest, leaf
        self.root, self.level3 = base, base + 3 * PAGE
        level1, level2 = base + PAGE, base + 2 * PAGE
        qtest.fill(self.root + 8 * (IOVA >> 39), words([level1 | table_bits]))
        qtest.fill(level1 + 8 * (IOVA >> 30 & 511), words([level2 | table_bits]))
        tables = PAGES // 512
        qtest.fill(level2, words([(self.level3 + i * PAGE) | table_bits for i in range(tables)]))
        qtest.fill(self.level3, words([leaf(i) for i in range(PAGES)]))
        self.size = (3 + tables) * PAGE

    def restore(self, count):
        self._qtest.fill(self.level3, words([self._leaf(i) for i in range(count)]))

    def change(self, value, **more):
        """The step that writes the descriptor of page n."""
        return Step(STORE, self.level3, stride=8, value=value, **more)


class Peer:
    """A machine with an IOMMU; name, what it has, and how to talk to it."""
    name = None
    walks = True            # translations can miss
    operations = ('va', 'range', 'asid', 'vmid', 'all')
    parallel = False        # several CPUs can invalidate at once
    sync = ()
    binary = 'qemu-system-aarch64'
    machine = 'virt,gic-version=3,highmem-ecam=off,iommu=none'
    device = 'passthrough-bench'
    extra = ()
    ram = 0x40000000
    ecam, window = 0x3f000000, 0x10000000

    def argv(self, bin_dir):
        return [str(bin_dir / self.binary), '-M', self.machine, '-m', '512M', *self.extra,
                '-device', f'{self.device},addr=4.0']

    def start(self, qtest):
        self.qtest = qtest
        self.base = self.ram + (64 << 20)       # tables
        self.data = self.ram + (128 << 20)      # what pages are mapped to
        self.setup_pci()
        device = CountingDevice if qtest.counting else BenchDevice
        self.bench = device(qtest, self.window)
        self.setup()

    def setup_pci(self):
        config = self.ecam + (4 << 15)
        self.qtest.write4(config + 0x10, self.window)
        self.qtest.write2(config + 4, 6)

    def setup(self):
        pass

    def page(self, i):
        return self.data + i % DATA_PAGES * PAGE

    @property
    def iova(self):
        return IOVA

    def map_page(self, count):
        """The step that maps page n."""
        return self.tables.change(self.data | LEAF, count=count)

    def unmap_page(self, count):
        return self.tables.change(0, count=count)

    def restore(self, count):
        """Map the first pages again."""
        self.tables.restore(count)


class Identity(Peer):
    name = 'identity'
    device = 'passthrough-bench,identity=on'
    walks = False

    @property
    def iova(self):
        return self.data


class NoIOMMU(Identity):
    name = 'none'
    device = 'passthrough-bench'


LEAF = 0xf43        # AF, Inner Shareable, unprivileged, page, not global
SID = 4 << 3
ASID = 1


class Smmuv2(Peer):
    name = 'smmuv2'
    machine = 'virt,gic-version=3,highmem-ecam=off,iommu=smmuv2'
    parallel = True
    regs = 0x0b000000
    bank = regs + 0x80000
    sync = (Step(STORE, bank + 0x7f0, 4), Step(LOAD, bank + 0x7f4, 4))

    def setup(self):
        q = self.qtest
        self.tables = Tables(q, self.base, 3, lambda i: self.page(i) | LEAF)
        q.write4(self.regs + 0x1000, 1 << 16)               # CBAR: stage 1
        q.write4(self.regs + 0x1800, 1)                     # CBA2R: AArch64
        q.write4(self.bank + 0x38, 0xff)                    # MAIR0
        q.write4(self.bank + 0x10, 7 << 15 | 5)             # TCR2: SEP, 48 bits
        q.write4(self.bank + 0x30, 1 << 23 | 16)            # TCR: EPD1, T0SZ
        q.write8(self.bank + 0x20, ASID << 48 | self.tables.root)
        q.write4(self.bank, 0x61)                           # SCTLR
        q.write4(self.regs + 0x800, 1 << 31 | SID)          # SMR
        q.write4(self.regs + 0xc00, 0)                      # S2CR: bank 0
        q.write4(self.regs, 0x200436)                       # CR0

    def prepare(self, what, count):
        """Steps of an invalidation: of page n below count, or of more."""
        return {
            'va': [Step(STORE, self.bank + 0x620, value=ASID << 48 | IOVA >> 12, add=1,
                        count=count)],
            'range': [Step(STORE, self.bank + 0x620, repeat=RANGE,
                           value=ASID << 48 | IOVA >> 12, add=1, count=RANGE)],
            'asid': [Step(STORE, self.bank + 0x610, 4, value=ASID)],
            'vmid': [Step(STORE, self.regs + 0x64, 4)],
            'all': [Step(STORE, self.regs + 0x68, 4)],
        }[what]


class Smmuv2Nested(Smmuv2):
    """Stage 1 in bank 0, stage 2 in bank 1, which maps blocks to themselves."""
    name = 'smmuv2-nested'

    def setup(self):
        super().setup()
        q, bank1 = self.qtest, self.bank + 0x1000
        root = self.base + (16 << 20)
        q.fill(root, words([root + PAGE | 3]))
        q.fill(root + PAGE + 8 * (self.ram >> 30), words([root + 2 * PAGE | 3]))
        q.fill(root + 2 * PAGE, words([self.ram + i * (2 << 20) | 0x7fd for i in range(256)]))
        q.write4(self.regs + 0x1004, 0)                     # CBAR: stage 2
        q.write4(self.regs + 0x1804, 1)
        q.write4(bank1 + 0x30, 5 << 16 | 2 << 6 | 16)       # TCR: SL0 level 0
        q.write8(bank1 + 0x20, root)
        q.write4(bank1, 0x61)
        q.write4(self.regs + 0x1000, 3 << 16 | 1 << 8)      # CBAR: nested


class Smmuv3(Peer):
    name = 'smmuv3'
    machine = 'virt,gic-version=3,highmem-ecam=off,iommu=smmuv3'
    regs = 0x09050000
    operations = ('va', 'range', 'asid', 'all')     # by VMID: of stage 2
    QUEUE_BITS = 16
    stream = (5 << 1 | 1, 0, 0)     # of its entry: stage 1, valid; of stage 2

    def setup(self):
        q = self.qtest
        self.tables = Tables(q, self.base, 3, lambda i: self.page(i) | LEAF)
        area = self.base + (16 << 20)
        strtab, cd, self.queue, events = area, area + 0x8000, area + (1 << 20), area + 0x10000
        # Stream table entry and context descriptor
        config, s2, s2_root = self.stream
        q.fill(strtab + 64 * SID, words([cd | config, 0, s2, s2_root, 0, 0, 0, 0]))
        q.fill(cd, words([ASID << 48 | 3 << 45 | 1 << 41 | 4 << 32 | 1 << 31 | 1 << 30 | 16,
                          self.tables.root, 0, 0xff, 0, 0, 0, 0]))
        q.write8(self.regs + 0x80, strtab)
        q.write4(self.regs + 0x88, 8)
        q.write8(self.regs + 0x90, self.queue | self.QUEUE_BITS)
        q.write4(self.regs + 0x98, 0)
        q.write4(self.regs + 0x9c, 0)
        q.write8(self.regs + 0xa0, events | 4)
        q.write4(self.regs + 0x20, 0xd)                     # queues, then all
        q.write4(self.regs + 0x20, 0xd)

    def command(self, what, n):
        """An invalidation, of page n if it is by VA."""
        page = 3 << 8 | 1 << 10     # TTL, TG: as Linux says it of a page
        return {
            'va': (ASID << 48 | 0x12, IOVA + n * PAGE | page | 1),
            'range': (ASID << 48 | (RANGE - 1) << 12 | 0x12, IOVA | page | 1),
            'asid': (ASID << 48 | 0x11, 0),
            'vmid': (0x28, 0),
            'all': (0x30, 0),
        }[what]

    def prepare(self, what, count):
        """A queue full of commands and SYNCs, of which a loop gives two."""
        pattern = b''.join(words([*self.command(what, n), 0x46, 0])
                           for n in range(count if what == 'va' else 1))
        size = 1 << self.QUEUE_BITS
        self.qtest.fill(self.queue, (pattern * (size * 16 // len(pattern) + 1))[:size * 16])
        for reg, value in ((0x20, 0), (0x98, 0), (0x9c, 0), (0x20, 0xd)):
            self.qtest.write4(self.regs + reg, value)
        self.sync = (Step(LOAD, self.regs + 0x9c, 4),)
        return [Step(STORE, self.regs + 0x98, 4, value=2, add=2, count=1 << 40,
                     mask=(2 << self.QUEUE_BITS) - 1)]


class Smmuv3Nested(Smmuv3):
    """Both stages; stage 2 maps blocks to themselves."""
    name = 'smmuv3-nested'
    extra = ('-global', 'arm-smmuv3.stage=nested')
    operations = ('va', 'range', 'asid', 'vmid', 'all')
    VMID = 1

    def setup(self):
        root = self.base + (24 << 20)
        self.qtest.fill(root + 8 * (self.ram >> 30), words([root + PAGE | 3]))
        self.qtest.fill(root + PAGE,
                        words([self.ram + i * (2 << 20) | 0x7fd for i in range(256)]))
        # AFFD, AA64, 40 bits out, 39 bits in from level 1 on
        s2 = 1 << 53 | 1 << 51 | 2 << 48 | 1 << 38 | 25 << 32 | self.VMID
        self.stream = (7 << 1 | 1, s2, root)
        super().setup()

    def command(self, what, *args):
        op, addr = super().command(what, *args)
        return op | self.VMID << 32, addr


class Intel(Peer):
    """VT-d with second-level tables and queued invalidation."""
    name = 'intel-iommu'
    binary = 'qemu-system-x86_64'
    machine = 'q35'
    extra = ('-device', 'intel-iommu,aw-bits=48')
    ram, window = 0, 0xc0000000
    regs = 0xfed90000
    operations = ('va', 'asid', 'all')      # by page, by domain, global
    QUEUE = 1 << 15
    DOMAIN = 1

    def setup_pci(self):
        for reg, value in ((0x10, self.window), (4, 6)):
            self.qtest.outl(0xcf8, 1 << 31 | 4 << 11 | reg)
            self.qtest.outl(0xcfc, value)

    def leaf(self, i):
        return self.page(i) | 3

    def setup(self):
        q = self.qtest
        self.tables = Tables(q, self.base, 3, self.leaf)
        area = self.base + (16 << 20)
        root, context, self.queue, self.status = area, area + PAGE, area + (1 << 20), area + 0x8000
        q.fill(root, words([context | 1, 0]))
        q.fill(context + 16 * SID, words([self.tables.root | 1, self.DOMAIN << 8 | 2]))
        q.write8(self.regs + 0x20, root)
        q.write4(self.regs + 0x18, 1 << 30)                 # root table
        q.write8(self.regs + 0x90, self.queue | 7)
        q.write4(self.regs + 0x18, 1 << 26)                 # queue
        q.write4(self.regs + 0x18, 1 << 31 | 1 << 26)       # translation

    def map_page(self, count):
        return self.tables.change(self.data | 3, count=count)

    def prepare(self, what, count):
        """A queue full of operations and waits, of which a loop gives two."""
        kind = {'all': 1, 'asid': 2, 'va': 3}[what]
        first = self.DOMAIN << 16 | 3 << 6 | kind << 4 | 2
        which = [IOVA + i * PAGE for i in range(count)] if what == 'va' else [0]
        pattern = b''.join(words([first, addr, 1 << 32 | 1 << 5 | 5, self.status])
                           for addr in which)
        self.qtest.fill(self.queue, (pattern * (self.QUEUE * 16 // len(pattern)
                                                + 1))[:self.QUEUE * 16])
        for value in (1 << 31, 1 << 31 | 1 << 26):
            self.qtest.write4(self.regs + 0x18, value)
            if value == 1 << 31:
                self.qtest.write4(self.regs + 0x88, 0)
        self.sync = (Step(LOAD, self.status, 4),)
        return [Step(STORE, self.regs + 0x88, 4, value=2 << 4, add=2 << 4, count=1 << 40,
                     mask=(self.QUEUE << 4) - 1)]


class Virtio(Peer):
    """virtio-iommu, which is asked by requests and keeps no TLB."""
    name = 'virtio-iommu'
    extra = ('-device', 'virtio-iommu-pci,addr=3.0')
    operations = ()
    BATCH = 32

    def setup(self):
        q, config, bar = self.qtest, self.ecam + (3 << 15), self.window + 0x100000
        at, self.notify, common, multiplier = q.read1(config + 0x34), None, None, 0
        while at:
            if q.read1(config + at) == 9:
                kind, where = q.read1(config + at + 3), q.read4(config + at + 8)
                index = q.read1(config + at + 4)
                if kind == 1:
                    common = bar + where
                elif kind == 2:
                    self.notify, multiplier = bar + where, q.read4(config + at + 16)
            at = q.read1(config + at + 1)
        q.write4(config + 0x10 + 4 * index, bar)
        q.write4(config + 0x14 + 4 * index, 0)
        q.write2(config + 4, 6)
        for status in (0, 1, 3):
            q.write1(common + 0x14, status)
        for half, mask in ((0, 1 << 2), (1, 1)):            # MAP_UNMAP, VERSION_1
            q.write4(common + 8, half)
            q.write4(common + 12, mask)
        q.write1(common + 0x14, 11)
        self.ring = self.base
        q.write2(common + 0x16, 0)
        self.size = q.read2(common + 0x18)
        for reg, offset in ((0x20, 0), (0x28, 0x8000), (0x30, 0x10000)):
            q.write8(common + reg, self.ring + offset)
        self.notify += multiplier * q.read2(common + 0x1e)
        q.write2(common + 0x1c, 1)
        q.write1(common + 0x14, 15)
        self.used = 0
        self.request([struct.pack('<IIIII', 1, 1, SID, 0, 0)])
        for i in range(0, PAGES, self.BATCH):
            self.request([struct.pack('<IIQQQI', 3, 1, IOVA + n * PAGE, IOVA + n * PAGE + PAGE - 1,
                                      self.page(n), 3) for n in range(i, i + self.BATCH)])

    def request(self, requests):
        """Have requests carried out, all at once."""
        q, body, answers = self.qtest, self.ring + 0x20000, self.ring + 0x30000
        descriptors = b''
        for n, request in enumerate(requests):
            q.fill(body + 64 * n, request)
            descriptors += struct.pack('<QIHHQIHH', body + 64 * n, len(request), 1, 2 * n + 1,
                                       answers + 4 * n, 4, 2, 0)
        q.fill(self.ring, descriptors)
        for n in range(len(requests)):
            avail = self.ring + 0x8000 + 4 + 2 * ((self.used + n) % self.size)
            q.write2(avail, 2 * n)
        self.used = (self.used + len(requests)) & 0xffff
        q.write2(self.ring + 0x8000 + 2, self.used)
        q.write2(self.notify, 0)
        while q.read2(self.ring + 0x10000 + 2) != self.used:
            pass
        for n in range(len(requests)):
            if q.read1(answers + 4 * n):
                raise RuntimeError(f'{self.name}: a request failed')


ALL = (Identity, NoIOMMU, Smmuv2, Smmuv2Nested, Smmuv3, Smmuv3Nested, Virtio, Intel)
