"""The kernel's table of mounts. Linux only."""

from __future__ import annotations

import os
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")


def file_system(path: str, table: Path = _TABLE) -> str:
    """The type as the kernel names it ("ext4", "nfs4", "fuse.sshfs"); empty where unknown."""
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    wanted = os.path.realpath(path)
    best, found = -1, ""
    for line in lines:
        # 36 35 98:0 /root /mount/point options [optional …] - type source options
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = _plain(fields[4])
        inside = wanted == point or wanted.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:  # of mounts on the same point the last one is seen
            best, found = len(point), after.split(" ")[0]
    return found


def kinds_of_devices(table: Path = _TABLE) -> dict[int, str]:
    """The types of all that is mounted, by device number (``st_dev``); empty where unknown."""
    found: dict[int, str] = {}
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return found
    for line in lines:
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        major, colon, minor = fields[2].partition(":") if len(fields) > 2 else ("", "", "")
        if dash and colon and major.isdigit() and minor.isdigit():
            found[os.makedev(int(major), int(minor))] = after.split(" ")[0]
    return found


def _plain(text: str) -> str:
    r"""Spaces and the like are written as \040."""
    parts = text.split("\\")
    plain = parts[0]
    for part in parts[1:]:
        code = part[:3]
        plain += chr(int(code, 8)) + part[3:] if code.isdigit() else "\\" + part
    return plain
