"""Whether a pack's files are those its manifest names."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt, PackMissing

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest, PackFile


def verify(folder: Path, manifest: Manifest) -> None:
    """Check every file's size and sha256, and that every file in use is listed."""
    for file in manifest.files:
        _verify_file(folder, file)
    used = [manifest.image.file, manifest.text.file, manifest.text.tokenizer]
    if manifest.fine is not None:
        used.append(manifest.fine.file)
    unlisted = sorted(set(used) - {file.path for file in manifest.files})
    if unlisted:
        raise PackCorrupt(f"{folder / 'pack.toml'} has no checksum for {', '.join(unlisted)}.")


def _verify_file(folder: Path, file: PackFile) -> None:
    path = folder / file.path
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except FileNotFoundError as error:
        raise PackMissing(f"The pack's file {path} is missing. Install the pack again.") from error
    except OSError as error:
        raise PackCorrupt(f"The pack's file {path} cannot be read: {error.strerror}.") from error
    if size != file.bytes or digest != file.sha256:
        raise PackCorrupt(
            f"The pack's file {path} is damaged or was changed: its checksum does not hold. "
            "Install the pack again."
        )
