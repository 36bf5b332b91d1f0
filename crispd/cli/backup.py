"""``crispd backup``, ``restore`` and ``repair``: a progress bar and a report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from crispd.cli import output
from crispd.recovery.backup import back_up as copy_to_file
from crispd.recovery.repair import repair as repair_database
from crispd.recovery.restore import restore as restore_backup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crispd.config import Settings
    from crispd.recovery.data_folder import BackupResult

    Show = Callable[[int, int], None]


def back_up(settings: Settings, target: Path, *, as_json: bool) -> None:
    """Copy the database to one file."""
    with progress_bar("Copying") as show:
        made = copy_to_file(settings.data_dir, target, show)
    _say(made, as_json, f"{made.file} holds {made.photos} photos ({_size(made.bytes)}).")


def restore(settings: Settings, source: Path, *, as_json: bool) -> None:
    """Put a backup in place."""
    with progress_bar("Restoring") as show:
        made = restore_backup(settings.data_dir, source, show)
    _say(
        made,
        as_json,
        f"{made.photos} photos are back; the next start builds the index from them and finds what "
        "has changed since.",
    )


def repair(settings: Settings, *, as_json: bool) -> None:
    """Save what can be read of a damaged database."""
    made = repair_database(settings.data_dir)
    if made is None:
        if as_json:
            output.as_json({"file": None})
        else:
            output.line("Nothing is wrong with the database.")
        return
    _say(
        made,
        as_json,
        f"{made.photos} photos are saved with {made.vectors} vectors; the next start finds the "
        "others and encodes only what is lost.",
    )


def _say(made: BackupResult, as_json: bool, sentence: str) -> None:
    if as_json:
        beside = str(made.beside) if made.beside else None
        output.as_json(
            {
                "file": str(made.file),
                "kept": beside,
                "bytes": made.bytes,
                "photos": made.photos,
                "vectors": made.vectors,
            }
        )
        return
    output.line(sentence)
    if made.beside is not None:
        output.line(f"The database that was there is kept as {made.beside}")


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB"


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Show]:
    """On standard error; nothing where there is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)
