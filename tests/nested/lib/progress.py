# SPDX-License-Identifier: GPL-2.0-or-later
"""Stages with their times; a moving line only where there is a terminal."""

import contextlib
import sys
import time


class Progress:
    def __init__(self, out=sys.stdout):
        self._out, self._tty = out, out.isatty()
        self.start = self._stage_start = time.monotonic()
        self._text = None
        self.stages = []        # [(text, seconds)]

    @contextlib.contextmanager
    def stage(self, text):
        """Show that text goes on; when the block ends well, how long it took."""
        self._text, self._stage_start = text, time.monotonic()
        self.tick()
        try:
            yield
            took = time.monotonic() - self._stage_start
            self.stages.append((text, took))
            self._line(f'{self.elapsed():6.1f} s  {text} ({took:.1f} s)')
        except BaseException:
            self._line(f'{self.elapsed():6.1f} s  {text}: failed')
            raise
        finally:
            self._text = None

    def elapsed(self):
        return time.monotonic() - self.start

    def tick(self):
        """Call now and then while waiting."""
        if self._tty and self._text:
            waited = time.monotonic() - self._stage_start
            spinner = '|/-\\'[int(waited * 5) % 4]
            self._out.write(f'\r\x1b[K{self.elapsed():6.1f} s  {self._text} {spinner}')
            self._out.flush()

    def _line(self, text):
        self._out.write(('\r\x1b[K' if self._tty else '') + text + '\n')
        self._out.flush()
