"""A wall clock that jumps, for every module that is imported after this one.

``python -m tests.e2e.clocked MODULE …`` runs a module by that clock.

The file that CRISPD_TEST_CLOCK names holds the seconds that the clock is ahead (``+630720000``) or
behind, and is read again at every look at the time. The clock of the machine stays as it is, and
so does the monotonic one, as when somebody sets the time.
"""

from __future__ import annotations

import datetime
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

_real, _real_ns, _plain = time.time, time.time_ns, datetime.datetime


def _ahead() -> float:
    named = os.environ.get("CRISPD_TEST_CLOCK")
    return float(Path(named).read_text() or 0) if named else 0.0


class _Kind(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _plain)


class _Jumping(_plain, metaclass=_Kind):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return _plain.fromtimestamp(_real() + _ahead(), tz)


time.time = lambda: _real() + _ahead()
time.time_ns = lambda: _real_ns() + int(_ahead() * 1e9)
datetime.datetime = _Jumping  # type: ignore[misc]

if __name__ == "__main__":
    sys.argv.pop(0)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
