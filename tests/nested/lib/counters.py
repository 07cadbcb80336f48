# SPDX-License-Identifier: GPL-2.0-or-later
"""What the IOMMU and the GIC counted, read through QOM."""

from dataclasses import dataclass, fields

SMMUV2 = '/machine/smmuv2'
TBU_TYPE = 'child<arm-smmuv2-tbu>'
VTD = '/machine/peripheral/vtd'
UNATTACHED = '/machine/unattached'
GIC_TYPE = 'child<arm-gicv3>'


@dataclass
class Tbu:
    """One master: how its stream is routed and what its TBU saw."""
    device: str
    stream_id: int
    route: str              # translate, bypass or fault
    context_bank: int       # -1 if none
    stage: str              # 1, 2, 1+2 or -
    translations: int
    hits: int               # in the TBU's own TLB
    misses: int
    faults: int


@dataclass
class Smmu:
    """The TCU's counters and its masters by PCI address, as 00:02.0."""
    tlb_hits: int
    tlb_misses: int
    walks: int
    tlb_invalidations: int
    context_faults: int
    global_faults: int
    tbus: dict


@dataclass
class Gic:
    """What became of virtual interrupts, and LPIs that L1's CPUs took."""
    direct_vlpis: int       # of devices, for a vCPU that ran
    direct_vsgis: int       # between vCPUs, for one that ran
    pended: int             # for one that did not
    doorbells: int
    residencies: int
    lpis: int

    def since(self, before):
        """The difference of two snapshots."""
        return Gic(**{f.name: getattr(self, f.name) - getattr(before, f.name)
                      for f in fields(self)})


def read_gic(machine):
    """A snapshot of the counters; None if this L0's GIC has none."""
    for name, kind in machine.qom_list(UNATTACHED) or ():
        path = f'{UNATTACHED}/{name}'
        if kind == GIC_TYPE and 'direct-vlpis' in (p for p, _ in machine.qom_list(path)):
            return Gic(**{f.name: machine.qom_get(path, f.name.replace('_', '-'))
                          for f in fields(Gic)})
    return None


def read_smmu(machine):
    """A snapshot of the counters; None if this L0 has no SMMUv2."""
    props = machine.qom_list(SMMUV2)
    if props is None:
        return None

    def read(cls, path, **more):
        values = {f.name: machine.qom_get(path, f.name.replace('_', '-'))
                  for f in fields(cls) if f.name not in more}
        return cls(**values, **more)

    tbus = [read(Tbu, f'{SMMUV2}/{name}') for name, kind in props if kind == TBU_TYPE]
    # 0000:00:02.0 and 00:02.0 name the same device here.
    return read(Smmu, SMMUV2, tbus={t.device[-7:]: t for t in tbus})


@dataclass
class Vtd:
    """What became of the interrupts that the IOMMU was asked for."""
    remapped: int           # sent on
    posted: int             # written to a descriptor
    notified: int           # of those: a notification was sent
    suppressed: int         # of those: nobody was to be disturbed
    urgent: int
    faults: int


def read_vtd(machine):
    """A snapshot; None if this L0 has no VT-d that counts."""
    props = machine.qom_list(VTD)
    if props is None or 'intr-posted' not in dict(props):
        return None
    return Vtd(**{f.name: machine.qom_get(VTD, f'intr-{f.name}') for f in fields(Vtd)})
