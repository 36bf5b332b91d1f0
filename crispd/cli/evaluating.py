"""``crispd eval``: a progress bar, the tables, and where they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crispd.cli import output
from crispd.evaluation.dataset import read_dataset
from crispd.evaluation.evaluate import evaluate
from crispd.evaluation.report import as_dict, as_markdown, store
from crispd.library import decode_limits, processors, search_threads
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings


class Bar:
    """A bar on standard error; a line a piece of work where there is no terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        self.shown = Progress(*columns, console=console)
        self._task = self.shown.add_task("", visible=False)

    def begin(self, what: str, total: int) -> None:
        """A new piece of work."""
        self._task = self.shown.add_task(what, total=total)

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.shown.advance(self._task, count)


def run(
    settings: Settings,
    dataset: Path,
    *,
    split: str | None,
    images: Path | None,
    library: int | None,
    queries: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Evaluate, print and keep."""
    chosen = read_dataset(dataset, split=split, images=images, library=library)
    threads = search_threads(settings)
    pack = load_pack(
        find_pack(settings.pack),
        index_threads=processors(),
        search_threads=threads,
        text_cache=1,
        precision=settings.precision,
    )
    bar = Bar()
    with bar.shown:
        found = evaluate(
            chosen,
            pack,
            decode_limits(settings),
            thumbnail=settings.thumbnail_size,
            threads=threads,
            progress=bar,
            most=queries,
        )
    paths = store(found, out or settings.data_dir / "evaluations")
    if as_json:
        output.as_json({**as_dict(found), "files": [str(path) for path in paths]})
        return
    output.block(as_markdown(found))
    output.line("Kept in " + ", ".join(str(path) for path in paths))
