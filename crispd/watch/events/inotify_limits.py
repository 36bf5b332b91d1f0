"""The limits of inotify for one user. Linux only."""

from __future__ import annotations

from pathlib import Path

_LIMITS = Path("/proc/sys/fs/inotify")


def inotify_limits(folder: Path = _LIMITS) -> tuple[int | None, int | None]:
    """Folders and roots that may be watched; None where that cannot be told."""
    return _number(folder / "max_user_watches"), _number(folder / "max_user_instances")


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
