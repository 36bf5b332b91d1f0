"""The checksums at the end of a manifest."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path


def sums(folder: Path, shared: Iterable[tuple[Path, str]] = ()) -> str:
    """``[[files]]`` of everything in the folder but the manifest, and of files ``shared`` with the
    pack of a name.
    """
    text = ""
    own = sorted(path for path in folder.iterdir() if path.name != "pack.toml")
    for path, pack in [*((path, "") for path in own), *shared]:
        digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
        text += f'\n[[files]]\npath = "{path.name}"\n'
        text += f'pack = "{pack}"\n' if pack else ""
        text += f'bytes = {size}\nsha256 = "{digest}"\n'
    return text


def write_sums(folder: Path) -> None:
    """Make those of a finished pack anew; what stands before them stays."""
    manifest = folder / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    before = text.partition("\n[[files]]")[0]
    shared = [
        (folder.parent / file["pack"] / file["path"], file["pack"])
        for file in tomllib.loads(text).get("files", ())
        if "pack" in file
    ]
    manifest.write_text(before.rstrip("\n") + "\n" + sums(folder, shared), encoding="utf-8")
