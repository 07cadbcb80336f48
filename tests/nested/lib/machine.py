# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU process with consoles and QMP, and the failures it can end in.

Nothing here sleeps to let something happen: a wait ends with the text that
was waited for, with a text that means failure on any console, with the end
of the process, or with a timeout.
"""

import logging
import os
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import time
import tty
from pathlib import Path

import pexpect
from pexpect import fdpexpect

# Any of these on any console is a failure, whatever else goes well.
BAD_TEXT = re.compile(
    r'[^\r\n]*('
    r'Kernel panic|Internal error: Oops|Unable to handle kernel|\bBUG: |'
    r'WARNING: CPU|soft lockup|nobody cared|'
    r'arm-smmu[^\r\n]*: [^\r\n]*(fault|FSR|TLB sync timed out|CMDQ|event 0x)|'
    r'(DMAR|AMD-Vi)[^\r\n]*(fault|FAULT)|'
    r'nvme[^\r\n]*(timeout|controller is down)|I/O error|'
    r'Detected Tx Unit Hang|NETDEV WATCHDOG|'
    r'L[12]: error'
    r')[^\r\n]*[\r\n]')

SLICE = 0.2     # seconds between looks at the other consoles


class NestedError(Exception):
    """Something did not happen.  The text says what; log says where to look."""

    def __init__(self, reason, log=None):
        super().__init__(reason)
        self.log = log


def import_qmp(build):
    """QEMU's own QMP client, from the QEMU tree under build if not installed."""
    for tree in sorted(Path(build).glob('*/python/qemu/qmp')):
        sys.path.append(str(tree.parents[1]))
    try:
        from qemu.qmp.legacy import QEMUMonitorProtocol
    except ImportError as e:
        raise NestedError(f'no qemu.qmp under {build}; run ./configure, name the build '
                          'folder with --build, or add QEMU\'s python/ folder to '
                          'PYTHONPATH') from e
    return QEMUMonitorProtocol


class Console:
    """One serial console: its text goes to a log and to whoever waits for it."""

    def __init__(self, machine, name, sock, log):
        self.machine, self.name, self.log = machine, name, log
        self._logfile = open(log, 'w', buffering=1, encoding='utf-8')
        self.attach(sock)

    def attach(self, sock):
        """Go on with another QEMU's end of the line."""
        self._sock = sock       # keeps the descriptor open
        self._spawn = fdpexpect.fdspawn(sock, encoding='utf-8', codec_errors='replace')
        self._spawn.delaybeforesend = None
        self._spawn.logfile_read = self._logfile

    def drain(self):
        """What a QEMU that has ended had still to say, as str."""
        found = self._spawn.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=10)
        return self._spawn.before if found == 0 else ''

    def unread(self, text):
        """Text that the next expect() has before what is yet to come."""
        self._spawn.buffer = text + self._spawn.buffer

    def send(self, line):
        self._spawn.send(line + '\n')

    def expect(self, pattern, timeout, what):
        """Wait for pattern; return its match, with the text before in .before.

        Raises NestedError if it does not come, saying that it waited for what.
        """
        deadline = time.monotonic() + timeout
        while True:
            found = self._spawn.expect([re.compile(pattern), BAD_TEXT,
                                        pexpect.TIMEOUT, pexpect.EOF], timeout=SLICE)
            if found == 0:
                self.before = self._spawn.before
                return self._spawn.match
            if found == 1:
                raise NestedError(self._spawn.match[0].strip(), self.log)
            if found == 3:
                raise self.machine.ended(f'while waiting for {what}')
            self.machine.watch(except_for=self)
            self.machine.tick()
            if time.monotonic() > deadline and not self.machine.patient:
                raise NestedError(f'{what}: nothing after {timeout} s', self.log)

    def watch(self):
        """Take in what has come; raise NestedError if it is bad."""
        found = self._spawn.expect([BAD_TEXT, pexpect.TIMEOUT, pexpect.EOF], timeout=0)
        if found == 0:
            raise NestedError(self._spawn.match[0].strip(), self.log)

    def interact(self):
        """Hand the console to the user's terminal until the guest ends.

        Each key goes to the guest, ^C too; ^] gives the terminal back.
        """
        stdin, fd = sys.stdin.fileno(), self._sock.fileno()
        saved = termios.tcgetattr(stdin)
        try:
            tty.setraw(stdin)
            while True:
                ready, _, _ = select.select([stdin, fd], [], [])
                if fd in ready:
                    data = os.read(fd, 4096)
                    if not data:
                        break
                    os.write(1, data)
                    self._spawn.logfile_read.write(data.decode('utf-8', 'replace'))
                if stdin in ready:
                    data = os.read(stdin, 1024)
                    if not data or b'\x1d' in data:
                        break
                    os.write(fd, data)
        finally:
            termios.tcsetattr(stdin, termios.TCSADRAIN, saved)


class Shell(Console):
    """A console whose guest answers each line by its output and @@status."""

    def run(self, command, timeout=60, check=True):
        """Run a command; return its output, or (output, status) if not check."""
        self.send(command)
        status = int(self.expect(r'@@(\d+)\r*\n', timeout, f'"{command}" in {self.name}')[1])
        output = self.before.replace('\r', '').strip('\n')
        if not check:
            return output, status
        if status:
            raise NestedError(f'"{command}" in {self.name} ended with {status}', self.log)
        return output


class Machine:
    """L0: argv with consoles and QMP added, running while the context lasts.

    consoles   {name: Console or Shell}, in the order of the board's UARTs
    logs       folder for qemu.log, qmp.log and NAME.log of each console
    build      where QEMU's Python modules are
    tick       called now and then during waits
    patient    no timeouts: someone may have stopped the guest in a debugger
    """

    def __init__(self, argv, consoles, logs, build, tick=lambda: None, patient=False):
        logs.mkdir(parents=True, exist_ok=True)
        self.tick, self.patient = tick, patient
        self.logs, self.qemu_log = logs, logs / 'qemu.log'
        self._argv, self._qmp_class = argv, import_qmp(build)
        self.qemu_log.write_text('')
        self._qmp_log = logging.FileHandler(logs / 'qmp.log', mode='w')
        # The messages, not the client's own states.
        self._qmp_log.addFilter(lambda r: r.getMessage().startswith(('<--', '-->')))
        logger = logging.getLogger('qemu.qmp')
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(self._qmp_log)
        socks = self._start(consoles)
        self._consoles = {name: cls(self, name, socks[name], logs / f'{name}.log')
                          for name, cls in consoles.items()}
        self._connect(socks['qmp'])

    def _start(self, consoles, *more):
        """Run QEMU; returns our ends of its consoles and of QMP."""
        ours, theirs, extra = {}, [], []
        for name in [*consoles, 'qmp']:
            ours[name], other = socket.socketpair()
            theirs.append(other)
            extra += ['-chardev', f'socket,id={name},fd={other.fileno()}']
            extra += (['-mon', 'chardev=qmp,mode=control'] if name == 'qmp'
                      else ['-serial', f'chardev:{name}'])
        self.argv = [*self._argv, *extra, *more]
        with open(self.qemu_log, 'a', encoding='utf-8') as log:
            try:
                self._process = subprocess.Popen(
                    self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    pass_fds=[s.fileno() for s in theirs])
            except OSError as e:
                raise NestedError(f'cannot run {self._argv[0]}: {e.strerror}') from e
        for sock in theirs:
            sock.close()
        return ours

    def _connect(self, sock):
        self._qmp = self._qmp_class(sock)
        try:
            self._qmp.connect()
        except Exception as e:
            error = self.ended('before it answered on QMP')
            self._process.kill()
            raise error from e

    def __getitem__(self, console):
        return self._consoles[console]

    def __enter__(self):
        # Being told to end must not leave QEMU behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return self

    def __exit__(self, *exc):
        self.close()

    @property
    def pid(self):
        return self._process.pid

    def qmp(self, command, **arguments):
        """The return value of a QMP command."""
        return self._qmp.cmd(command, **arguments)

    def qom_get(self, path, prop):
        return self.qmp('qom-get', path=path, property=prop)

    def qom_list(self, path):
        """[(name, type)] of an object's properties; None if there is no object."""
        try:
            return [(p['name'], p['type']) for p in self.qmp('qom-list', path=path)]
        except Exception:
            return None

    def save_and_load(self, state, timeout=120):
        """Save all to a file, go on in another QEMU; returns the file's size.

        The consoles stay; what was on its way to them is not lost.
        """
        self.qmp('migrate', uri=f'file:{state}')
        self._wait_migrated(timeout)
        size = state.stat().st_size
        self._qmp.cmd('quit')
        self.wait(timeout)
        self._disconnect()
        rest = {name: console.drain() for name, console in self._consoles.items()}
        socks = self._start(self._consoles, '-incoming', f'file:{state}')
        for name, console in self._consoles.items():
            console.attach(socks[name])
            console.unread(rest[name])
        self._connect(socks['qmp'])
        self._wait_migrated(timeout)
        while self.qmp('query-status')['status'] == 'inmigrate':
            time.sleep(0.01)
        return size

    def _wait_migrated(self, timeout):
        deadline = time.monotonic() + timeout
        while True:
            try:
                info = self.qmp('query-migrate')
            except Exception as e:
                raise self.ended('while its state was saved or loaded') from e
            if info.get('status') == 'completed':
                return
            if info.get('status') == 'failed' or time.monotonic() > deadline:
                raise NestedError(f'migration: {info}', self.qemu_log)
            self.tick()
            time.sleep(0.05)

    def watch(self, except_for=None):
        """Raise NestedError for bad text on any console."""
        for console in self._consoles.values():
            if console is not except_for:
                console.watch()

    def ended(self, when):
        """The NestedError for an L0 that is gone."""
        try:
            status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            return NestedError(f'QEMU closed its consoles {when}', self.qemu_log)
        said = self.qemu_log.read_text(errors='replace').strip().splitlines()
        how = f'signal {-status}' if status < 0 else f'status {status}'
        return NestedError(f'QEMU ended with {how} {when}'
                           + (f': {said[-1]}' if said else ''), self.qemu_log)

    def wait(self, timeout):
        """Wait for L0 to end by itself; NestedError if not, or if it failed."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise NestedError(f'QEMU still runs {timeout} s after power off',
                              self.qemu_log) from None
        if status:
            raise self.ended('at power off')

    def _disconnect(self):
        try:
            self._qmp.close()
        except Exception:
            pass        # the peer is gone, which is what was wanted

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._disconnect()
        logging.getLogger('qemu.qmp').removeHandler(self._qmp_log)
        self._qmp_log.close()
