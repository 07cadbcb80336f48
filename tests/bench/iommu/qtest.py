# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU without CPUs: memory and registers by the qtest protocol."""

import base64
import socket
import subprocess
import tempfile
from pathlib import Path


# Counts instructions, of the bench device's timed steps alone
CALLGRIND = ('valgrind', '-q', '--tool=callgrind', '--toggle-collect=do_timed_step')


class QTest:
    """One QEMU; a context that ends it."""

    def __init__(self, argv, counting=False):
        self._dir = tempfile.TemporaryDirectory(prefix='bench-')
        path = Path(self._dir.name) / 'qtest'
        self.counting, self._dumps = counting, 0
        self._counts = Path(self._dir.name) / 'counts'
        if counting:
            argv = [*CALLGRIND, f'--callgrind-out-file={self._counts}', *argv]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(600 if counting else 60)
        self._log = open(Path(self._dir.name) / 'log', 'w+', encoding='utf-8')
        self._process = subprocess.Popen(
            [*argv, '-qtest', f'unix:{path}', '-accel', 'qtest', '-display', 'none',
             '-nodefaults'], stdin=subprocess.DEVNULL, stderr=self._log)
        try:
            self._sock = listener.accept()[0]
        except TimeoutError:
            self._process.kill()
            self._log.seek(0)
            raise RuntimeError(f'QEMU did not come up: {self._log.read()}') from None
        self._replies = self._sock.makefile('r', encoding='ascii')

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._process.kill()
        self._process.wait()
        self._log.close()
        self._dir.cleanup()

    def dump_instructions(self):
        """What callgrind, which argv starts, has counted since the last time."""
        self._dumps += 1
        subprocess.run(['callgrind_control', '--dump', str(self._process.pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        dump = Path(f'{self._counts}.{self._dumps}')
        total = next(line for line in dump.read_text(encoding='utf-8').splitlines()
                     if line.startswith('totals:'))
        dump.unlink()
        return int(total.split()[1])

    def _ask(self, line):
        self._sock.sendall(line.encode() + b'\n')
        while True:
            reply = self._replies.readline().split()
            if not reply:
                self._log.seek(0)
                raise RuntimeError(f'QEMU is gone after "{line[:60]}": {self._log.read()}')
            if reply[0] == 'OK':
                return reply[1:]
            if reply[0] != 'IRQ':
                raise RuntimeError(f'"{line[:60]}": {" ".join(reply)}')

    def write4(self, addr, value):
        self._ask(f'writel {addr:#x} {value:#x}')

    def write8(self, addr, value):
        self._ask(f'writeq {addr:#x} {value:#x}')

    def write2(self, addr, value):
        self._ask(f'writew {addr:#x} {value:#x}')

    def write1(self, addr, value):
        self._ask(f'writeb {addr:#x} {value:#x}')

    def read1(self, addr):
        return int(self._ask(f'readb {addr:#x}')[0], 0)

    def read2(self, addr):
        return int(self._ask(f'readw {addr:#x}')[0], 0)

    def read4(self, addr):
        return int(self._ask(f'readl {addr:#x}')[0], 0)

    def read8(self, addr):
        return int(self._ask(f'readq {addr:#x}')[0], 0)

    def outl(self, port, value):
        self._ask(f'outl {port:#x} {value:#x}')

    def fill(self, addr, data):
        for at in range(0, len(data), 1 << 16):
            chunk = data[at:at + (1 << 16)]
            self._ask(f'b64write {addr + at:#x} {len(chunk):#x} '
                      f'{base64.b64encode(chunk).decode()}')
