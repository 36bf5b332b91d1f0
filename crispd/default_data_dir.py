"""Where crispd keeps its data when nobody says so.

``make run`` and ``crispd install-service`` write the folder that they use into the virtual
environment (the marker), so that every later command of that environment finds it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

DATABASE = "crispd.sqlite3"
MARKER = "crispd-data-dir"
# StateDirectory= of the Debian package's unit and of those that install-service writes.
OF_THE_MACHINE = Path("/var/lib/crispd")


def default_data_dir() -> Path:
    """The folder of the environment's marker, of this user, or of this machine's service.

    That of the service only for whoever can write it and has no data folder of their own: root asks
    about the service, everybody else begins a library.
    """
    marked = marked_data_dir()
    if marked is not None:
        return marked
    own = own_data_dir()
    if not has_database(own) and has_database(OF_THE_MACHINE) and _is_ours(OF_THE_MACHINE):
        return OF_THE_MACHINE
    return own


def own_data_dir() -> Path:
    """``$XDG_DATA_HOME/crispd``, or ``~/.local/share/crispd``."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "crispd"


def marked_data_dir(environment: Path | None = None) -> Path | None:
    """What the marker of a virtual environment names (default: this one); None without one."""
    with contextlib.suppress(OSError, UnicodeError):
        text = _marker(environment).read_text("utf-8", errors="surrogateescape").rstrip("\n")
        if text.startswith("/"):
            return Path(text)
    return None


def mark_data_dir(folder: Path, environment: Path | None = None) -> bool:
    """Write the marker; False where there is no environment, or it is another user's."""
    if environment is None and sys.prefix == sys.base_prefix:
        return False
    try:
        text = f"{folder.absolute()}\n"
        _marker(environment).write_text(text, "utf-8", errors="surrogateescape")
    except OSError:
        return False
    return True


def has_database(folder: Path) -> bool:
    """Whether crispd has been at work there, as far as this user may see."""
    try:
        return (folder / DATABASE).is_file()
    except OSError:  # in a folder of another user's
        return False


def _marker(environment: Path | None) -> Path:
    return (environment or Path(sys.prefix)) / MARKER


def _is_ours(folder: Path) -> bool:
    return os.access(folder / DATABASE, os.R_OK | os.W_OK)
