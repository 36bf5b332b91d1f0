"""The mounts that mount(8) prints, of macOS and the BSDs."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# "//me@nas/photos on /Volumes/My photos (smbfs, nodev)"; some say "on /mnt type nfs (rw)".
_LINE = re.compile(r".+? on (/.*?)(?: type (\S+))? \(([^,)]*)[^()]*\)")
_SECONDS = 10.0


def printed_mounts() -> str:
    """Empty where it cannot be had."""
    try:
        done = subprocess.run(
            ["mount"], check=False, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return os.fsdecode(done.stdout)


def file_system(path: str, printed: Callable[[], str] = printed_mounts) -> str:
    """The type as the system names it ("apfs", "smbfs"); empty where unknown."""
    wanted = os.path.realpath(path)
    best, found = -1, ""
    for point, kind in _mounts(printed()):
        inside = wanted == point or wanted.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:  # of mounts on the same point the last one is seen
            best, found = len(point), kind
    return found


def kinds_of_devices(printed: Callable[[], str] = printed_mounts) -> dict[int, str]:
    """The types of all that is mounted, by device number (``st_dev``); empty where unknown."""
    found: dict[int, str] = {}
    for point, kind in _mounts(printed()):
        try:
            found[os.stat(point).st_dev] = kind  # noqa: PTH116 - names in any bytes
        except OSError:  # not for this user, or gone
            continue
    return found


def _mounts(printed: str) -> Iterator[tuple[str, str]]:
    for line in printed.splitlines():
        match = _LINE.fullmatch(line)
        if match:
            yield match[1], match[2] or match[3]
