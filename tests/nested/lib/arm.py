# SPDX-License-Identifier: GPL-2.0-or-later
"""L0 for Arm: options in, QEMU command line out.  Runs nothing."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

IOMMUS = ('smmuv2', 'smmuv3', 'none')
GICS = ('3', '4', '4.1')
# For L1's kernel: List Registers, whatever the GIC can do
LISTS = 'kvm-arm.vgic_v4_enable=0'


@dataclass
class L0:
    """A virt machine whose PCI devices sit behind the chosen IOMMU.

    devices holds further arguments, such as those disk() returns.
    """
    qemu: Path
    guests: Path
    iommu: str = 'smmuv2'
    smp: int = 2
    memory: str = '2G'
    kernel: Path = None
    firmware: Path = None       # UEFI: L1 gets ACPI, not a device tree
    append: str = ''
    gdb: int = None
    devices: list = field(default_factory=list)
    extra: str = ''
    gic: str = '4'

    def argv(self):
        """The command line without consoles, which are the caller's."""
        append = 'console=ttyAMA0 kvm-arm.vgic_v4_enable=1'
        argv = [
            str(self.qemu),
            '-M', f'virt,virtualization=on,gic-version={self.gic},iommu={self.iommu}',
            # max went wrong in 2 of 11 runs and this in none.  The architected
            # pointer authentication would take a fifth of the time.
            '-cpu', 'neoverse-v1,pauth-impdef=on',
            '-smp', str(self.smp), '-m', self.memory,
            '-accel', 'tcg,thread=multi',
            '-nodefaults', '-display', 'none', '-no-reboot',
            '-kernel', str(self.kernel or self.guests / 'Image'),
            '-initrd', str(self.guests / 'l1.initrd'),
            '-append', f'{append} {self.append}'.strip(),
            *disk('root', self.guests / 'l1.img', VIRTIO_BLK, 'readonly=on'),
            *self.devices,
        ]
        if self.firmware:
            argv += ['-bios', str(self.firmware)]
        if self.gdb:
            argv += ['-gdb', f'tcp:127.0.0.1:{self.gdb}', '-S']
        return argv + shlex.split(self.extra)


# A virtio device does its DMA through the IOMMU only if told so.
VIRTIO_BLK = 'virtio-blk-pci,disable-legacy=on,iommu_platform=on'


def disk(name, image, device, options='snapshot=on'):
    """Arguments for a raw image behind a device model."""
    return ['-drive', f'if=none,id={name},format=raw,file={image},{options}',
            '-device', f'{device},drive={name}']


def demo_nvme(guests):
    """The NVMe with known content that L2 gets."""
    return disk('nvme', guests / 'nvme.img', 'nvme,serial=demo')


def pasteable(argv, logs):
    """One line for a user's shell, with L1's console on the terminal."""
    return shlex.join([*argv, '-serial', 'mon:stdio',
                       '-serial', f'file:{logs / "l2.log"}'])
