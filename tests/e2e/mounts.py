"""Small file systems for a test, where mounting is allowed."""

from __future__ import annotations

import subprocess
from pathlib import Path


def mount(path: Path, size: str = "32m") -> bool:
    """A tmpfs of its own at ``path``; false where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "crispd-test", str(path)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def unmount(path: Path) -> None:
    """Take it away, even while it is in use."""
    subprocess.run(["umount", "-l", path], check=False, capture_output=True)


def bind(source: Path, path: Path) -> bool:
    """Show a folder at another path, too; false where that is not allowed."""
    return _mount("--bind", str(source), str(path))


def read_only(path: Path, *, on: bool) -> bool:
    """Make a folder read-only, or take that away; false where it is not allowed."""
    if on and not bind(path, path):
        return False
    if on:
        return _mount("-o", "remount,bind,ro", str(path))
    unmount(path)
    return True


def _mount(*arguments: str) -> bool:
    try:
        return (
            subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
        )
    except FileNotFoundError:
        return False
