# SPDX-License-Identifier: GPL-2.0-or-later
"""The passthrough bench device: include/hw/misc/passthrough-bench.h."""

from dataclasses import dataclass, replace

READ, WRITE, LOAD, STORE = range(4)
FIELDS = ('op', 'length', 'repeat', 'addr', 'thread', 'stride', 'count', 'value', 'add', 'mask',
          'timed')
MASK64 = (1 << 64) - 1


@dataclass
class Step:
    """One access, as the header describes it."""
    op: int
    addr: int
    length: int = 8
    repeat: int = 1
    thread: int = 0
    stride: int = 0
    count: int = 1
    value: int = 0
    add: int = 0
    mask: int = MASK64
    timed: int = 0


class BenchDevice:
    def __init__(self, qtest, bar):
        self._qtest, self._bar = qtest, bar
        self._steps = None

    def run(self, steps, loops=1, threads=1):
        """Do the steps; CPU time of one loop of one thread, in ns.

        CPU time, since the host has other things to do.  If steps are timed,
        the shortest host time of these instead.
        """
        q, bar = self._qtest, self._bar
        if steps != self._steps:
            for n, step in enumerate(steps):
                for i, name in enumerate(FIELDS):
                    q.write8(bar + 0x100 + n * 0x80 + i * 8, getattr(step, name) & MASK64)
            q.write8(bar + 0x10, len(steps))
            self._steps = list(steps)
        q.write8(bar, loops)
        q.write8(bar + 8, threads)
        q.write8(bar + 0x18, 1)
        errors = q.read8(bar + 0x28)
        if errors:
            raise RuntimeError(f'{errors} accesses were refused: {steps}')
        timed = [n for n, step in enumerate(steps) if step.timed]
        if timed:
            return sum(q.read8(bar + 0x100 + n * 0x80 + 0x58) for n in timed)
        return q.read8(bar + 0x30) / loops / threads


class CountingDevice(BenchDevice):
    """The same under callgrind: instructions instead of ns, repeatable."""
    LOOPS = 1 << 15

    def run(self, steps, loops=1, threads=1):
        loops = min(loops, self.LOOPS)
        if not any(step.timed for step in steps):
            steps = [replace(step, timed=1) for step in steps]
        self._qtest.dump_instructions()     # of what came before
        super().run(steps, loops, threads)
        return self._qtest.dump_instructions() / loops / threads
