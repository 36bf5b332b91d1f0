"""``crispd index``: once, with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from crispd.cli import output
from crispd.service import Service

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.types import IngestProgress


def run(settings: Settings, *, as_json: bool) -> None:
    """Index all folders of ``settings`` and print what was done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, disable=as_json) as bar:
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

        result = Service(settings).index_once(show)
    output.indexed(result, as_json)
