"""Checks of the machine: disk space, clock, processor."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crispd.doctor.findings import Finding, bad, good, warning
from crispd.platform.memory import available_mb
from crispd.platform.processor import has_dot_product, usable_cores
from crispd.store.data_dir.permissions import is_open, open_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MB = 2**20
_LITTLE_MB, _TOO_LITTLE_MB = 1024, 100
_LEAST_MEMORY_MB = 700
_BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock can stand before this program was written


def check_machine(data_dir: Path) -> Iterator[Finding]:
    """All of it."""
    yield check_disk(data_dir, shutil.disk_usage(_existing(data_dir)).free)
    yield from check_data_dir(data_dir)
    if data_dir.exists():
        yield check_privacy(data_dir)
    yield check_clock(time.time())
    yield check_memory(available_mb())
    fast = "with int8 dot products" if has_dot_product() else "no int8 dot products"
    yield good("processor", f"{usable_cores()} usable cores, {fast}")


def check_disk(data_dir: Path, free: int) -> Finding:
    """Room for the data folder."""
    seen = f"{free // _MB} MB free for {data_dir}"
    do = "Free some space there; crispd pauses indexing while the disk is full and goes on itself."
    if free < _TOO_LITTLE_MB * _MB:
        return bad("disk", seen, do)
    if free < _LITTLE_MB * _MB:
        return warning("disk", seen, do)
    return good("disk", seen)


def check_data_dir(data_dir: Path) -> Iterator[Finding]:
    """Whether this user may write there."""
    place = _existing(data_dir)
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        yield bad(
            "data folder",
            f"{place} is read-only: searches are answered, nothing is indexed",
            "Mount its drive writable (mount -o remount,rw); after an error of the drive, check it "
            "first (fsck).",
        )
    elif not os.access(place, os.W_OK | os.X_OK):
        yield bad(
            "data folder",
            f"{place} cannot be written by this user",
            "Run crispd as the user that owns it, or give another CRISPD_DATA_DIR.",
        )
    elif data_dir.exists():
        yield good("data folder", f"{data_dir} is there and can be written")
    else:
        yield good("data folder", f"{data_dir} is not there yet; crispd makes it")


def check_privacy(data_dir: Path) -> Finding:
    """Whether others on this machine may read what is known of the photos."""
    files = open_files(data_dir)
    if is_open(data_dir):
        return warning(
            "privacy",
            f"other users of this machine may look into {data_dir}",
            f"The next start mends it where it may; else: chmod 700 {shlex.quote(str(data_dir))}",
        )
    if files:
        return warning(
            "privacy",
            f"others than the owner may read {', '.join(files[:3])} in {data_dir}",
            "The next start mends it.",
        )
    return good("privacy", "the data folder is its owner's alone")


def check_clock(now: float) -> Finding:
    """A board without a battery starts in 1970."""
    shown = datetime.fromtimestamp(now, UTC)
    if shown < _BUILT:
        return warning(
            "clock",
            f"it is {shown.date()} by this machine's clock",
            "Set the clock (timedatectl set-ntp true): times of files are compared with it.",
        )
    return good("clock", shown.isoformat(timespec="seconds"))


def check_memory(available: float | None) -> Finding:
    """Whether the models and an index fit. ``available``: megabytes, None where nobody knows."""
    if available is None:
        return good("memory", "unknown on this system")
    seen = f"{int(available)} MB available"
    if available < _LEAST_MEMORY_MB:
        return warning("memory", seen, "Set memory_limit_mb, or close something.")
    return good("memory", seen)


def _existing(path: Path) -> Path:
    """The path or the nearest folder above it that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
