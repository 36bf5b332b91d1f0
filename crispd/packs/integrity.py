"""Integrity checks: a pack's files against its manifest."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.shared_files import place_of

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.fine.cross_manifest import CrossManifest
    from crispd.packs.manifest import Manifest, PackFile


def verify(folder: Path, manifest: Manifest | CrossManifest) -> None:
    """Check that every file in use is listed, and every listed one's size and sha256.

    Raises PackMissing or PackCorrupt with the file's name.
    """
    unlisted = sorted(set(manifest.used_files) - {file.path for file in manifest.files})
    if unlisted:
        raise PackCorrupt(f"{folder / 'pack.toml'} has no checksum for {', '.join(unlisted)}.")
    for file in manifest.files:
        _verify_file(place_of(folder, manifest, file.path), file)


def _verify_file(path: Path, file: PackFile) -> None:
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size != file.bytes:  # before the checksum, which takes a while on a small machine
                raise _damaged(path, f"it has {size} bytes instead of {file.bytes}")
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        shared = "" if file.pack is None else f", and there is no pack {file.pack} that has it"
        raise PackMissing(
            f"The pack's file {path} is missing{shared}. Install the pack again."
        ) from error
    except OSError as error:
        raise PackCorrupt(
            f"The pack's file {path} cannot be read: {error.strerror}. Install the pack again."
        ) from error
    if digest != file.sha256:
        raise _damaged(path, "its checksum does not hold")


def _damaged(path: Path, what: str) -> PackCorrupt:
    return PackCorrupt(
        f"The pack's file {path} is damaged or was changed: {what}. Install the pack again."
    )
