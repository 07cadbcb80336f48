# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that every runner here has."""

from pathlib import Path

from . import arm, x86
from .machine import NestedError

ROOT = Path(__file__).resolve().parents[3]

# architecture: its module, Debian's name of it, images, QEMU
ARCHES = {'arm': (arm, 'arm64', 'guests', 'qemu-system-aarch64'),
          'arm32': (arm, 'armhf', 'guests-armhf', 'qemu-system-aarch64'),
          'xen': (arm, 'arm64-xen', 'guests-arm64-xen', 'qemu-system-aarch64'),
          'arm16k': (arm, 'arm64-16k', 'guests-arm64-16k', 'qemu-system-aarch64'),
          'x86': (x86, 'amd64', 'guests-amd64', 'qemu-system-x86_64')}


def add_common(parser, logs):
    """Add them; logs is the log folder's name in the build folder."""
    parser.add_argument('--build', type=Path, default=ROOT / 'build', metavar='DIR',
                        help='the build folder (default: %(default)s)')
    parser.add_argument('--iommu', choices=[*arm.IOMMUS, *x86.IOMMUS[:1]],
                        help='the IOMMU in front of the PCI devices (default: smmuv2, or vtd)')
    parser.add_argument('--gic', choices=arm.GICS, default='4', metavar='VERSION',
                        help='the GIC: 3, 4 or 4.1 (default: %(default)s)')
    parser.add_argument('--qemu', type=Path, metavar='PATH',
                        help='L0\'s QEMU (default: bin/qemu-system-* of the build)')
    parser.add_argument('--guests', type=Path, metavar='DIR',
                        help='the images that mkguests made (default: guests, or guests-ARCH, '
                        'of the build)')
    parser.add_argument('--logs', type=Path, metavar='DIR',
                        help=f'where the logs go (default: {logs} of the build)')
    parser.set_defaults(logs_name=logs, arch='arm')


def add_arch(parser):
    """For those who run on both architectures."""
    parser.add_argument('--arch', choices=('arm', 'x86'), help='(default: %(default)s)')
    parser.add_argument('--accel', choices=x86.ACCELS, default='tcg',
                        help='x86: kvm, where the host offers nested virtualisation '
                        '(default: %(default)s)')


def make_l0(args, **more):
    """The L0 that the options ask for."""
    if args.arch == 'x86':
        return x86.L0(args.qemu, args.guests, args.iommu, accel=args.accel, **more)
    return arm.L0(args.qemu, args.guests, args.iommu, gic=args.gic, **more)


def resolve(args):
    """Fill in what hangs on --build and --arch."""
    args.build = args.build.absolute()
    l0, args.debian_arch, guests, qemu = ARCHES[args.arch]
    args.iommu = args.iommu or l0.IOMMUS[0]
    if args.iommu not in l0.IOMMUS:
        raise NestedError(f'{args.arch} has no IOMMU {args.iommu}; it has {", ".join(l0.IOMMUS)}')
    args.guests = args.guests or args.build / guests
    args.qemu = args.qemu or args.build / 'bin' / qemu
    args.logs = args.logs or args.build / args.logs_name
    return args


def need_built(args):
    """NestedError, with the way out, if something is not built yet."""
    for path, maker in ((args.qemu, 'ninja -C build, or name another with --qemu'),
                        (args.guests / 'manifest.json',
                         f'tests/nested/mkguests --arch {args.debian_arch} '
                         f'--out {args.guests}')):
        if not path.exists():
            raise NestedError(f'{path} is missing; make it with {maker}')
