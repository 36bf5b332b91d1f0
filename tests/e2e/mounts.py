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
