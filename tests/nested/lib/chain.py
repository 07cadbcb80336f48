# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job: L2 owns an NVMe by passthrough and reads it all.

run() drives a booted machine through it and returns what was observed;
rules() judges that.  The demo prints both, the test reports the second.
"""

import re
from dataclasses import astuple, dataclass

from .counters import read_gic, read_smmu, read_vtd

BOOT = 300          # seconds; generous, since a wait ends with its event
COMMAND = 120
READ = 600

# What the kernel said after it had booted, into the log and under the watch
# for bad text; what it said before is there.
LATER_DMESG = "dmesg | sed '1,/Run .* as init process/d'"


@dataclass
class Observed:
    device: str             # PCI address in L1
    bytes: int              # read by L2
    sha256: str             # of them
    l2_interrupts: int      # from the NVMe, taken by L2
    l1_interrupts: int      # from the NVMe, taken by L1 on L2's behalf
    doorbells: int          # taken by L1 to wake L2's vCPUs
    running: object         # Smmu while L2 owned the device, or None
    after: object           # Smmu when L1 had powered off L2
    gic: object             # Gic: what came while L2 ran, or None
    kvm_gicv41: bool        # L1's KVM says that it uses GICv4.1
    vtd: object             # Vtd, what it counted meanwhile, or None
    iommu: str              # of the device, as L1 calls it
    kvm_module: str         # L1's KVM: kvm_amd, kvm_intel or kvm


def boot_l1(machine, progress, timeout=BOOT):
    """From power on to a shell in L1."""
    l1 = machine['l1']
    with progress.stage('L1 boots'):
        l1.expect(r'L1: ready\r*\n', timeout, 'L1\'s shell')
    return l1


def power_off(machine, progress, timeout=COMMAND):
    with progress.stage('L1 powers off'):
        machine['l1'].send('poweroff -f')
        machine.wait(timeout)


def irq_sum(interrupts, pattern):
    """Sum of all CPUs' counts on the lines of /proc/interrupts that match."""
    total = 0
    for line in interrupts.splitlines():
        if re.search(pattern, line):
            counts = re.match(r'\s*\w+:((?:\s+\d+)+)\s', line)
            total += sum(map(int, counts[1].split())) if counts else 0
    return total


def give_to_vfio(machine, progress, which):
    """L1 gives the device whose address the command which prints; the address."""
    with progress.stage('L1 gives L2\'s device to VFIO'):
        device = machine['l1'].run(f'device=$({which}); echo $device', COMMAND)
        machine['l1'].run('to_vfio $device', COMMAND)
    return device


def boot_l2(machine, progress):
    """L2 boots, with the device; the size of its disk."""
    l1, l2 = machine['l1'], machine['l2']
    with progress.stage('L2 boots on KVM'):
        l1.run('l2 $L2_CONSOLE $device & l2=$!')
        l2.expect(r'L2: up', BOOT, 'L2\'s init')
    with progress.stage('L2 finds its disk'):
        return int(l2.expect(r'L2: reading (\d+)\r*\n', COMMAND, 'L2\'s disk')[1])


def read_all(machine, progress):
    """L2 reads its whole disk; (bytes, sha256, interrupts that it took)."""
    l2 = machine['l2']
    with progress.stage('L2 reads all of it'):
        size = int(l2.expect(r'L2: bytes (\d+)\r*\n', READ, 'the end of L2\'s reading')[1])
        sha256 = l2.expect(r'L2: sha256 (\w+)\r*\n', COMMAND, 'L2\'s sha256')[1]
        interrupts = int(l2.expect(r'L2: interrupts (\d+)\r*\n', COMMAND, 'L2\'s interrupts')[1])
        l2.expect(r'L2: done', COMMAND, 'L2\'s last line')
    return size, sha256, interrupts


def power_off_l2(machine, progress):
    with progress.stage('L2 powers off'):
        machine['l2'].send('off')
        machine['l1'].run('wait $l2', COMMAND)


def taken_by_l1(machine):
    """Interrupts that L1 took: (of devices for L2, doorbells)."""
    interrupts = machine['l1'].run('cat /proc/interrupts')
    return irq_sum(interrupts, r'vfio-msi'), irq_sum(interrupts, r'GICv4(\.1)?-vpe')


def run(machine, progress, gic='4'):
    """L1's shell is up: hand over the NVMe, run L2, return what was Observed."""
    l1 = machine['l1']
    before = read_vtd(machine)
    device = give_to_vfio(machine, progress, 'pci_of 0x0108')
    kvm = l1.run('dmesg | grep "GICv4.* support enabled" || true', COMMAND)
    gic_before = read_gic(machine)
    if gic == '4.1':
        # Two CPUs have SGIs for each other.
        l1.run('L2_SMP=2', COMMAND)
    boot_l2(machine, progress)
    size, sha256, l2_interrupts = read_all(machine, progress)
    with progress.stage('the counters are read'):
        # Now, since L1 may give the context bank away when L2 ends.
        running = read_smmu(machine)
        gic_after = read_gic(machine)
        vtd = read_vtd(machine)
        if vtd:
            vtd = type(vtd)(*(n - b for n, b in zip(astuple(vtd), astuple(before))))
        l1_interrupts, doorbells = taken_by_l1(machine)
        iommu = l1.run('basename $(readlink -f /sys/bus/pci/devices/$device/iommu)')
        kvm_module = l1.run('ls /sys/module | grep -m1 "^kvm_[ai]" || echo kvm')
    power_off_l2(machine, progress)
    after = read_smmu(machine)
    l1.run(LATER_DMESG, COMMAND)
    return Observed(device, size, sha256, l2_interrupts, l1_interrupts, doorbells,
                    running, after, gic_after and gic_after.since(gic_before),
                    'GICv4.1 support' in kvm, vtd, iommu, kvm_module)


def gicv41_rules(seen):
    """The part of rules() that is about GICv4.1."""
    direct = seen.gic.direct_vlpis + seen.gic.pended
    return [
        ('L1\'s KVM uses GICv4.1', seen.kvm_gicv41, 'it does not say so'),
        ('the GIC delivers the device\'s interrupts to L2',
         direct >= seen.l2_interrupts, f'{seen.gic}, {seen.l2_interrupts} taken'),
        ('the GIC delivers SGIs between L2\'s CPUs', seen.gic.direct_vsgis > 0, f'{seen.gic}'),
    ]


def vtd_rules(seen):
    """The part of rules() that is about VT-d."""
    vtd = seen.vtd
    rows = [
        ('the device is behind VT-d', seen.iommu.startswith('dmar'), seen.iommu),
        ('each of its interrupts went through VT-d',
         vtd.remapped + vtd.posted >= seen.l1_interrupts, vtd),
        ('VT-d blocks none', vtd.faults == 0, f'{vtd.faults} blocked'),
    ]
    if seen.kvm_module == 'kvm_intel':
        rows.append(('VT-d posts them', vtd.posted > 0, vtd))
    return rows


def rules(seen, guests, gic='4'):
    """[(rule, passed, detail)] for what was Observed; guests holds the image.

    gic says how L1 injects interrupts: by List Registers if 3.
    """
    image_bytes = (guests / 'nvme.img').stat().st_size
    image_sha256 = (guests / 'nvme.sha256').read_text().strip()
    rows = [
        ('L2 read the whole disk', seen.bytes == image_bytes,
         f'{seen.bytes} of {image_bytes} bytes'),
        ('what L2 read is the image', seen.sha256 == image_sha256,
         f'sha256 {seen.sha256}, the image has {image_sha256}'),
        ('L2 takes its device\'s interrupts', seen.l2_interrupts > 0,
         f'{seen.l2_interrupts} taken'),
    ]
    taken = f'{seen.l1_interrupts} taken by L1, {seen.l2_interrupts} by L2'
    if seen.vtd:
        rows += vtd_rules(seen)
    if seen.kvm_module == 'kvm_amd':
        # Posting is for VMX: kvm_amd injects each interrupt itself.
        rows.append(('L1 takes them first', seen.l1_interrupts > 0, taken))
    elif gic == '3':
        rows.append(('L1 takes them and puts them into List Registers',
                     seen.l1_interrupts > 0, taken))
    else:
        rows.append(('L1 takes none of them',
                     seen.l1_interrupts * 100 <= seen.l2_interrupts, taken))
    if gic == '4.1':
        rows += gicv41_rules(seen)
    if seen.running is None:
        return rows
    tbu = seen.running.tbus.get(seen.device[-7:])
    rows.append(('the SMMU has a TBU for the device', tbu is not None,
                 f'no {seen.device} among {", ".join(seen.running.tbus) or "none"}'))
    if tbu:
        rows += [
            ('a context bank translates for the device',
             tbu.route == 'translate' and tbu.context_bank >= 0,
             f'route {tbu.route}, bank {tbu.context_bank}'),
            ('the bank walks a stage that VFIO chose', tbu.stage in ('1', '2', '1+2'),
             f'stage {tbu.stage}'),
            ('the device\'s DMA is translated', tbu.translations > 0,
             f'{tbu.translations} translations'),
            ('the device\'s DMA does not fault', tbu.faults == 0, f'{tbu.faults} faults'),
        ]
    faults = seen.after.context_faults + seen.after.global_faults
    rows.append(('nothing faults', faults == 0,
                 f'{seen.after.context_faults} context faults, '
                 f'{seen.after.global_faults} global faults'))
    return rows
