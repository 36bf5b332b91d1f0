"""``python -m tests.e2e.clocked CLOCK COUNTED …``: crispd with a wall clock that jumps.

CLOCK holds the seconds that the clock is ahead (``+630720000``) or behind, and is read again at
every look at the time; COUNTED is as in ``counted``. The clock of the machine stays as it is, and
so does the monotonic one, as when somebody sets the time.
"""

from __future__ import annotations

import datetime
import sys
import time
from pathlib import Path
from typing import Any


def jump_by(path: Path) -> None:
    """From now on, for everything that is imported later."""
    real, real_ns, plain = time.time, time.time_ns, datetime.datetime

    def ahead() -> float:
        return float(path.read_text() or 0)

    class Kind(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, plain)

    class Jumping(plain, metaclass=Kind):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return plain.fromtimestamp(real() + ahead(), tz)

    time.time = lambda: real() + ahead()
    time.time_ns = lambda: real_ns() + int(ahead() * 1e9)
    datetime.datetime = Jumping  # type: ignore[misc]


if __name__ == "__main__":
    jump_by(Path(sys.argv.pop(1)))
    from crispd.cli import main
    from tests.e2e.counted import count_into

    count_into(sys.argv.pop(1))
    main()
