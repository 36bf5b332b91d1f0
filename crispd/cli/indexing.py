"""``crispd index``: indexes once, with a progress bar."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from crispd.cli import output
from crispd.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.config import Settings
    from crispd.types import IngestProgress

    Show = Callable[[IngestProgress, int], None]

_LINE_SECONDS = 5.0


def run(settings: Settings, *, as_json: bool) -> None:
    """Index all folders of ``settings`` and print what was done."""
    console = Console(stderr=True)
    began = time.monotonic()
    shown = _bar(console) if console.is_terminal and not as_json else _lines(quiet=as_json)
    with shown as show:
        result = Service(settings).index_once(show)
    output.indexed(result, time.monotonic() - began, as_json)


@contextlib.contextmanager
def _bar(console: Console) -> Iterator[Show]:
    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, rate="", left="")

        def show(progress: IngestProgress, total: int) -> None:
            left = progress.eta_seconds
            bar.update(
                task,
                total=total or None,
                completed=total - progress.pending,
                rate=f"{progress.images_per_second:.1f} photos/s",
                left="" if left is None else f"{left:.0f} s left",
            )

        yield show


@contextlib.contextmanager
def _lines(*, quiet: bool) -> Iterator[Show]:
    last = time.monotonic()

    def show(progress: IngestProgress, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if quiet or now - last < _LINE_SECONDS:
            return
        last = now
        left = "" if progress.eta_seconds is None else f", {progress.eta_seconds:.0f} s left"
        sys.stderr.write(
            f"Indexing: {total - progress.pending} of {total}, "
            f"{progress.images_per_second:.1f} photos/s{left}\n"
        )

    yield show
