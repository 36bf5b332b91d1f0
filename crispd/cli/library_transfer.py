"""Transfer of a library from ``make run`` to the service that ``install-service`` sets up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.cli import output
from crispd.cli.backup import progress_bar
from crispd.default_data_dir import has_database, mark_data_dir, marked_data_dir
from crispd.recovery import backup

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings
    from crispd.systemd.machine_unit import UnitOptions


def library_to_carry(settings: Settings, wishes: UnitOptions, state: Path) -> Path | None:
    """The data folder of this environment, where the service has another one that is empty.

    ``state``: where a service of the machine keeps its data when nobody says so.
    """
    target = wishes.data_dir or state
    source = settings.data_dir
    if wishes.per_user or source == target or not has_database(source):
        return None
    if has_database(target):
        output.line(f"Note: {target} has a library already; {source} stays where it is, unused.")
        return None
    return source


def offer(source: Path, target: Path) -> str:
    """The question."""
    photos = backup.known_photos(source)
    return f"{source} knows {photos} photos. Copy that to {target}, so that none is read again?"


def carry_over(source: Path, target: Path) -> None:
    """Copy, and have later commands of this environment look there. Raises CrispdError."""
    with progress_bar("Copying") as show:
        made = backup.carry_over(source, target, show)
    output.line(f"{target} knows {made.photos} photos now. {source} is not needed any more.")
    if (source / "local-token").exists():
        output.line("Stop the crispd that runs from here first: both want the same port.")
    if marked_data_dir() is not None:
        mark_data_dir(target)
