"""The systemd unit for this machine: its program, photos, memory and user."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from crispd.errors import ConfigError
from crispd.systemd.unit import Unit, is_hidden

# Beside the promise: code that is mapped, pages of the database that the kernel holds for crispd.
_ROOM, _ROOM_MB = 1.25, 64
STATE = Path("/var/lib/crispd")  # of StateDirectory=
_WEIGHT, _LEAST_WEIGHT = 50, 10


@dataclass(frozen=True, slots=True)
class UnitOptions:
    """What the settings and the command say. ``data_dir`` None: where the unit keeps it.

    ``environment`` goes into the unit; ``config`` is the settings file, if there is one.
    """

    folders: tuple[str, ...]
    data_dir: Path | None
    config: Path | None
    environment: dict[str, str]
    memory_mb: int
    cpu_share: float
    run_as: str | None = None
    per_user: bool = False


def unit_for(options: UnitOptions, notes: list[str]) -> Unit:
    """The unit; ``notes`` gets a sentence for everything a person should know of it.

    Raises ConfigError for a user that does not exist.
    """
    environment = {**_places(options), **options.environment}
    memory = f"{int(options.memory_mb * _ROOM) + _ROOM_MB}M"
    weight = max(_LEAST_WEIGHT, round(_WEIGHT * options.cpu_share))
    if options.per_user:
        return Unit(program(), memory, per_user=True, cpu_weight=weight, environment=environment)
    user = _user(options, notes)
    bound = [path for path in [*_program_needs(options), *options.folders] if is_hidden(path)]
    elsewhere = options.data_dir is not None and options.data_dir != STATE
    written = (str(options.data_dir),) if elsewhere else ()
    if written and user is None:
        notes.append(
            f"The data folder {written[0]} must belong to the user of the service: name it with "
            "--run-as, or leave data_dir out, then systemd makes one in /var/lib/crispd."
        )
    if any(is_hidden(path) for path in options.folders):
        notes.append(
            "Photos below /home are bound into the service: a drive that is mounted there can be "
            "ejected only while crispd stands still."
        )
    return Unit(
        program(),
        memory,
        user=user,
        cpu_weight=weight,
        environment=environment,
        read=tuple(filter(_on_the_system_drive, options.folders)),
        bound=tuple(dict.fromkeys(bound)),
        written=written,
    )


def program() -> tuple[str, ...]:
    """This crispd, by its full path."""
    command = Path(sys.executable).with_name("crispd")
    start = (str(command),) if command.is_file() else (sys.executable, "-m", "crispd")
    return (*start, "serve")


def _places(options: UnitOptions) -> dict[str, str]:
    found = {}
    if options.config is not None:
        found["CRISPD_CONFIG"] = str(options.config)
    if options.data_dir is not None:
        found["CRISPD_DATA_DIR"] = str(options.data_dir)
    elif not options.per_user:
        found["CRISPD_DATA_DIR"] = str(STATE)
    return found


def _on_the_system_drive(folder: str) -> bool:
    """Whether a line of its own does no harm; the whole file system is read-only anyway.

    systemd makes a folder read-only by a mount of it onto itself, which stays when its drive is
    ejected and keeps that busy.
    """
    try:
        return not is_hidden(folder) and Path(folder).stat().st_dev == Path("/").stat().st_dev
    except OSError:
        return False


def _program_needs(options: UnitOptions) -> list[str]:
    """What the program is made of, wherever that lies."""
    package = Path(__file__).parents[2]
    places = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve(), package]
    if package.parent.name.startswith("python"):  # site-packages: inside the prefix
        places.pop()
    if options.config is not None:
        places.append(options.config)
    return [str(path) for path in places]


def _user(options: UnitOptions, notes: list[str]) -> str | None:
    """Who the service runs as; None: a user that systemd makes."""
    if options.run_as is not None:
        return _known(options.run_as)
    for folder in options.folders:
        locked = _closed_to_others(Path(folder))
        if locked is not None:
            owner = _owner(locked)
            if owner is None:
                notes.append(
                    f"{locked} can be read by root and its group only. Open it (chmod o+rx), or "
                    "name a user that may read it with --run-as."
                )
                return None
            notes.append(
                f"{locked} is closed to others, so the service runs as its owner, {owner}. Another "
                "one with --run-as."
            )
            return owner
    return None


def _known(name: str) -> str:
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError as error:
        raise ConfigError(f"There is no user {name} on this machine.") from error


def _closed_to_others(folder: Path) -> Path | None:
    """The folder on the way to the photos that others may not enter or list; None without one.

    A folder that is bound into the service has no way to it.
    """
    way = [folder] if is_hidden(str(folder)) else [folder, *folder.parents]
    for path in way:
        try:
            mode = path.stat().st_mode
        except OSError:  # not plugged in now
            continue
        needed = stat.S_IXOTH | (stat.S_IROTH if path == folder else 0)
        if mode & needed != needed:
            return path
    return None


def _owner(path: Path) -> str | None:
    """None for root, and for a number that is no user's."""
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name if uid else None
    except KeyError:
        return None


def target(*, per_user: bool) -> Path:
    """The folder that a unit goes to."""
    if not per_user:
        return Path("/etc/systemd/system")
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "systemd" / "user"
