# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that every runner here has."""

from pathlib import Path

from . import arm
from .machine import NestedError

ROOT = Path(__file__).resolve().parents[3]


def add_common(parser, logs):
    """Add them; logs is the log folder's name in the build folder."""
    parser.add_argument('--build', type=Path, default=ROOT / 'build', metavar='DIR',
                        help='the build folder (default: %(default)s)')
    parser.add_argument('--iommu', choices=arm.IOMMUS, default='smmuv2',
                        help='the IOMMU in front of the PCI devices (default: %(default)s)')
    parser.add_argument('--gic', choices=arm.GICS, default='4', metavar='VERSION',
                        help='the GIC: 3, 4 or 4.1 (default: %(default)s)')
    parser.add_argument('--qemu', type=Path, metavar='PATH',
                        help='L0\'s QEMU (default: bin/qemu-system-aarch64 of the build)')
    parser.add_argument('--guests', type=Path, metavar='DIR',
                        help='the images that mkguests made (default: guests of the build)')
    parser.add_argument('--logs', type=Path, metavar='DIR',
                        help=f'where the logs go (default: {logs} of the build)')
    parser.set_defaults(logs_name=logs)


def resolve(args):
    """Fill in what hangs on --build."""
    args.build = args.build.absolute()
    args.guests = args.guests or args.build / 'guests'
    args.qemu = args.qemu or args.build / 'bin' / 'qemu-system-aarch64'
    args.logs = args.logs or args.build / args.logs_name
    return args


def need_built(args):
    """NestedError, with the way out, if something is not built yet."""
    for path, maker in ((args.qemu, 'ninja -C build, or name another with --qemu'),
                        (args.guests / 'manifest.json',
                         f'tests/nested/mkguests --out {args.guests}')):
        if not path.exists():
            raise NestedError(f'{path} is missing; make it with {maker}')
