# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU without CPUs: memory and registers by the qtest protocol."""

import base64
import socket
import subprocess
import tempfile
from pathlib import Path


class QTest:
    """One QEMU; a context that ends it."""

    def __init__(self, argv):
        self._dir = tempfile.TemporaryDirectory(prefix='bench-')
        path = Path(self._dir.name) / 'qtest'
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(60)
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
