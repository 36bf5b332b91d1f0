"""Commands for a data folder: doctor, bench, backup, restore, repair."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crispd.cli.options import SharedOptions, with_options


@with_options("folders", "data_dir", "pack", "config_file", "as_json")
def doctor(
    options: SharedOptions,
    memory: Annotated[
        bool, typer.Option("--memory", help="Instead: who holds what, here and with more photos.")
    ] = False,
) -> None:
    """Look for what could be wrong: folders, permissions, limits, disk, clock, pack, database."""
    settings = options.settings()
    if memory:
        from crispd.cli.doctor import show_memory

        show_memory(settings, as_json=options.as_json)
        return
    from crispd.cli.doctor import run

    if not run(settings, as_json=options.as_json):
        raise typer.Exit(1)


@with_options("folders", "data_dir", "pack", "url", "token", "config_file", "as_json")
def bench(
    options: SharedOptions,
    photos: Annotated[
        int, typer.Option(min=1, max=5000, help="How many are copied and indexed.")
    ] = 64,
) -> None:
    """Measure indexing and searches on this machine, with copies of some photos."""
    settings = options.settings()
    from crispd.cli.bench import run

    run(settings, options.url, options.folders, photos, as_json=options.as_json)


@with_options("data_dir", "config_file", "as_json")
def backup(
    options: SharedOptions,
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")],
) -> None:
    """Copy all that crispd knows to one file, also while a service runs."""
    settings = options.settings()
    from crispd.cli.backup import back_up

    back_up(settings, file, as_json=options.as_json)


@with_options("data_dir", "config_file", "as_json")
def restore(
    options: SharedOptions,
    file: Annotated[Path, typer.Argument(help="A file that crispd backup made.")],
) -> None:
    """Put a backup in place; the database that was there is kept beside it."""
    settings = options.settings()
    from crispd.cli.backup import restore as put_back

    put_back(settings, file, as_json=options.as_json)


@with_options("data_dir", "config_file", "as_json")
def repair(
    options: SharedOptions,
) -> None:
    """Save what can be read of a damaged database; the damaged file is kept."""
    settings = options.settings()
    from crispd.cli.backup import repair as save

    save(settings, as_json=options.as_json)
