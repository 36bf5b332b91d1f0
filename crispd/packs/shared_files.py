"""Files that a pack shares with another: they lie in the other's folder, once for both."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from crispd.errors import PackMissing
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crispd.packs.fine.cross_manifest import CrossManifest
    from crispd.packs.manifest import Manifest


def place_of(folder: Path, manifest: Manifest | CrossManifest, name: str) -> Path:
    """Where a file of the pack in ``folder`` lies: there, else with the pack that its entry names,
    beside ``folder`` or among those that ship. Where it is nowhere, it is missing in ``folder``.
    """
    here = folder / name
    owner = next((file.pack for file in manifest.files if file.path == name), None)
    if owner is None or here.exists():
        return here
    beside = folder.parent / owner / name
    if beside.exists():
        return beside
    try:
        return find_pack(owner) / name
    except PackMissing:
        return here


def copy_pack(source: Path, target: Path, copy: Callable[[str, str], object]) -> None:
    """A pack's folder with all that it shares, so that it needs no other. Raises OSError."""
    shutil.copytree(source, target, copy_function=copy)
    manifest = read_manifest(source)
    for file in manifest.files:
        if not (target / file.path).exists():
            copy(str(place_of(source, manifest, file.path)), str(target / file.path))
