"""The checksums at the end of a manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sums(folder: Path) -> str:
    """``[[files]]`` of everything in the folder but the manifest."""
    text = ""
    for path in sorted(path for path in folder.iterdir() if path.name != "pack.toml"):
        digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
        text += f'\n[[files]]\npath = "{path.name}"\nbytes = {size}\nsha256 = "{digest}"\n'
    return text


def write_sums(folder: Path) -> None:
    """Make those of a finished pack anew; what stands before them stays."""
    manifest = folder / "pack.toml"
    before = manifest.read_text(encoding="utf-8").partition("\n[[files]]")[0]
    manifest.write_text(before.rstrip("\n") + "\n" + sums(folder), encoding="utf-8")
