# SPDX-License-Identifier: GPL-2.0-or-later
"""L0 for x86: options in, QEMU command line out.  Runs nothing."""

import ctypes
import mmap
import platform
import shlex
import time
from dataclasses import dataclass, field
from pathlib import Path

from .arm import VIRTIO_BLK, disk

IOMMUS = ('vtd', 'none')
ACCELS = ('tcg', 'kvm')

# TCG has AMD's virtualisation extensions (SVM) and not Intel's (VMX).
CPU = {'tcg': 'max', 'kvm': 'host'}
ACCEL = {'tcg': 'tcg,thread=multi', 'kvm': 'kvm'}
APPEND = ('console=ttyS0 intel_iommu=on '
          # Linux gives the timer 40 ms of its own time to show that it works,
          # which is not much where a busy host emulates the CPU.
          'no_timer_check')
# An id, so that its counters can be found.
VTD = 'intel-iommu,id=vtd,intremap=on,posted-intr=on'


def tsc_khz():
    """Frequency of the counter that TCG shows as the TSC; None if unknown."""
    if platform.machine() != 'x86_64':
        return None
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex('0f31 48c1e220 4809d0 c3'))    # rdtsc; rax |= rdx << 32; ret
    page = ctypes.c_char.from_buffer(code)
    rdtsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(page))

    def now():
        # Of several, the pair that was least disturbed
        return min(((time.monotonic_ns(), rdtsc(), time.monotonic_ns()) for _ in range(100)),
                   key=lambda t: t[2] - t[0])

    first = now()
    time.sleep(0.05)
    last = now()
    return round((last[1] - first[1]) * 1000000 / (last[0] - first[0]))


def tsc_args():
    """Linux measures the TSC in a way that a busy host spoils: tell it."""
    khz = tsc_khz()
    return f'tsc_early_khz={khz} tsc=nowatchdog' if khz else 'tsc=unstable'


@dataclass
class L0:
    """A q35 machine whose PCI devices sit behind VT-d."""
    qemu: Path
    guests: Path
    iommu: str = 'vtd'
    smp: int = 2
    memory: str = '2G'
    kernel: Path = None
    append: str = ''
    gdb: int = None
    devices: list = field(default_factory=list)
    extra: str = ''
    accel: str = 'tcg'

    def argv(self):
        """The command line without consoles, which are the caller's."""
        argv = [
            str(self.qemu),
            '-M', 'q35,kernel-irqchip=split',
            '-cpu', CPU[self.accel],
            '-smp', str(self.smp), '-m', self.memory,
            '-accel', ACCEL[self.accel],
            '-nodefaults', '-display', 'none', '-no-reboot',
            # Before all devices, or they do not see it.
            *(['-device', VTD] if self.iommu == 'vtd' else []),
            '-kernel', str(self.kernel or self.guests / 'Image'),
            '-initrd', str(self.guests / 'l1.initrd'),
            '-append', ' '.join([APPEND, *([tsc_args()] if self.accel == 'tcg' else []),
                                 self.append]).strip(),
            *disk('root', self.guests / 'l1.img', VIRTIO_BLK, 'readonly=on'),
            *self.devices,
        ]
        if self.gdb:
            argv += ['-gdb', f'tcp:127.0.0.1:{self.gdb}', '-S']
        return argv + shlex.split(self.extra)
