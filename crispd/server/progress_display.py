"""Progress of indexing, on a terminal or as lines."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from crispd.types import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

    from crispd.types import IngestProgress

_LINE_SECONDS = 5.0
# The first indexing of a large library takes hours, and a journal keeps every line.
_JOURNAL_SECONDS = 600.0


class LineProgress:
    """Prints a line every few seconds."""

    def __init__(self, every: float = _LINE_SECONDS) -> None:
        self._last = float("-inf")
        self._every = every

    def progress(self, photos: int, progress: IngestProgress) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if now - self._last >= self._every:
            self._last = now
            write(f"  {line(photos, progress)}")

    def end(self) -> None:
        """Nothing waits any more."""
        self._last = float("-inf")


class ServiceManagerProgress(LineProgress):
    """Sets the status line of ``systemctl status``, and sometimes writes to the journal."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(_JOURNAL_SECONDS)
        self._tell = tell

    def progress(self, photos: int, progress: IngestProgress) -> None:
        """Show how far it is."""
        self._tell(line(photos, progress))
        super().progress(photos, progress)


class ProgressBar:
    """A bar that disappears when nothing waits any more."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def progress(self, photos: int, progress: IngestProgress) -> None:
        """Show how far it is."""
        if self._bar is None or self._task is None:
            self._begin()
        assert self._bar is not None
        assert self._task is not None
        self._bar.update(
            self._task,
            total=photos + progress.pending or None,
            completed=photos,
            rate=f"{progress.images_per_second:.1f} photos/s",
            left="" if progress.eta_seconds is None else f"{duration(progress.eta_seconds)} left",
        )

    def end(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None

    def _begin(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._bar = Progress(
            TextColumn("  Indexing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[left]}"),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=None, rate="", left="")


def line(photos: int, progress: IngestProgress) -> str:
    """Progress in a sentence."""
    left = "" if progress.eta_seconds is None else f", about {duration(progress.eta_seconds)} left"
    rate = f" at {progress.images_per_second:.1f} a second" if progress.images_per_second else ""
    return f"Indexing: {photos} photos searchable, {progress.pending} to go{rate}{left}"


def duration(seconds: float) -> str:
    """As people say it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def write(text: str) -> None:
    """To the terminal, not the log: a person who ran the command is told where to look."""
    encoding = sys.stdout.encoding or "utf-8"
    text = printable(text, keep="\n")
    with contextlib.suppress(OSError):  # nobody reads it any more: crispd serve | head
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stdout.flush()
