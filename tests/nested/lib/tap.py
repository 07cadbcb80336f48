# SPDX-License-Identifier: GPL-2.0-or-later
"""Test Anything Protocol, version 13, as meson reads it."""

import contextlib
import sys


class Tap:
    """Counts subtests; each is named by the rule that it checks."""

    def __init__(self):
        self._count = self._failed = 0
        print('TAP version 13', flush=True)

    def ok(self, passed, rule, why=''):
        """Report one subtest; why explains a failure."""
        self._count += 1
        self._failed += not passed
        print(f'{"ok" if passed else "not ok"} {self._count} - {rule}', flush=True)
        if not passed and why:
            self.note(why)
        return passed

    def skip(self, rule, reason):
        self._count += 1
        print(f'ok {self._count} - {rule} # SKIP {reason}', flush=True)

    def note(self, text):
        for line in str(text).splitlines():
            print(f'# {line}', flush=True)

    @contextlib.contextmanager
    def rule(self, rule, failures):
        """A subtest that passes if its block raises none of failures."""
        try:
            yield
        except failures as e:
            log = getattr(e, 'log', None)
            self.ok(False, rule, f'{e}' + (f' (see {log})' if log else ''))
        else:
            self.ok(True, rule)

    def done(self):
        """Print the plan and end the process."""
        print(f'1..{self._count}', flush=True)
        sys.exit(1 if self._failed else 0)
