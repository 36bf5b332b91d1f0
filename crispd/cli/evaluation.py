"""``crispd eval``: a progress bar, the tables, and the files that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crispd.cli import output
from crispd.errors import DatasetError
from crispd.evaluation import suite_report
from crispd.evaluation.dataset import name_of, read_dataset
from crispd.evaluation.evaluate import evaluate
from crispd.evaluation.plot import can_plot
from crispd.evaluation.query_sets import find_sets, is_suite
from crispd.evaluation.report import as_dict, as_markdown, store
from crispd.evaluation.suite import evaluate_sets
from crispd.library.limits import PACKS, decode_limits, search_threads
from crispd.packs.automatic import named_pack
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.platform.processor import usable_cores
from crispd.service.packs.fine_pack import load_fine_pack

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings
    from crispd.evaluation.dataset import Dataset
    from crispd.evaluation.evaluate import Evaluation
    from crispd.evaluation.query_sets import QuerySet
    from crispd.evaluation.suite import SuiteResult
    from crispd.packs.pack import Pack
    from crispd.types import FineModel


class Bar:
    """A progress bar on standard error; without a terminal, a line for each piece of work."""

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
    fine: bool,
    fine_pack: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Evaluate, print and keep. Raises DatasetError or PackError."""
    folder = out or settings.data_dir / "evaluations"
    told: dict[str, Any]
    if images is None and library is None and is_suite(dataset):
        second = load_fine_pack(settings, fine_pack) if fine_pack else None
        suite = _suite(settings, find_sets(dataset, split), queries, fine=fine, second=second)
        paths = suite_report.store(suite, name_of(dataset), folder)
        told, text = suite_report.as_dict(suite), suite_report.as_markdown(suite)
    else:
        if fine_pack:
            raise DatasetError(
                "--fine-pack is measured on sets: give a folder with captions.jsonl, or of such."
            )
        chosen = read_dataset(dataset, split=split, images=images, library=library)
        found = _one(settings, chosen, queries)
        paths = store(found, folder)
        told, text = as_dict(found), as_markdown(found)
    if as_json:
        output.as_json({**told, "files": [str(path) for path in paths]})
        return
    output.block(text)
    output.line("Kept in " + ", ".join(str(path) for path in paths))
    if not can_plot():
        output.line("The plot needs matplotlib: pip install 'crispd[eval]'")


def _suite(
    settings: Settings,
    sets: list[QuerySet],
    queries: int | None,
    *,
    fine: bool,
    second: FineModel | None,
) -> SuiteResult:
    pack = _pack(settings)
    bar = Bar()
    with bar.shown:
        return evaluate_sets(
            sets,
            pack,
            decode_limits(settings),
            thumbnail=settings.thumbnail_size,
            progress=bar,
            most=queries,
            fine=fine,
            fine_pack=second,
        )


def _one(settings: Settings, chosen: Dataset, queries: int | None) -> Evaluation:
    pack = _pack(settings)
    bar = Bar()
    with bar.shown:
        return evaluate(
            chosen,
            pack,
            decode_limits(settings),
            thumbnail=settings.thumbnail_size,
            threads=search_threads(settings),
            progress=bar,
            most=queries,
        )


def _pack(settings: Settings) -> Pack:
    folder = settings.data_dir / PACKS
    return load_pack(
        find_pack(named_pack(settings.pack, folder), folder),
        index_threads=usable_cores(),
        search_threads=search_threads(settings),
        text_cache=1,
        precision=settings.precision,
    )
