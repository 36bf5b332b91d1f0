"""Places of packs: those of the data folder, those that ship, and folders that settings name."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from typing import TYPE_CHECKING

from crispd.errors import PackError, PackMissing
from crispd.packs.locate import find_pack, is_shipped
from crispd.packs.manifest import read_manifest
from crispd.packs.shared_files import copy_pack
from crispd.store.pack_vectors import PackReference

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# Of packs that ship, so that an upgrade of crispd does not take away the one that answers.
_KEPT = ".kept"


class PackPlaces:
    """``folder``: of the data folder, where packs are installed; it need not be there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def named(self, place: str) -> PackReference:
        """The pack of a name or folder, as it is now. Raises PackError."""
        return PackReference(read_manifest(find_pack(place, self.folder)).id, place)

    def files_of(self, pack: PackReference) -> Path:
        """The folder of just this pack: where it was, or a copy that was kept. Raises PackError."""
        try:
            folder = find_pack(pack.place, self.folder)
            if read_manifest(folder).id == pack.id:
                return folder
        except PackError as error:
            log.info("%s is not where it was: %s", pack.id, error)
        kept = self._kept(pack)
        if (kept / "pack.toml").is_file() and read_manifest(kept).id == pack.id:
            return kept
        raise PackMissing(f"The files of the pack {pack.id} are gone. Install it again.")

    def by_id(self, pack_id: str) -> PackReference | None:
        """An installed or kept pack of this id."""
        for manifest in sorted([*self.folder.glob("*/pack.toml"), *self._all_kept()]):
            with contextlib.suppress(PackError):
                if read_manifest(manifest.parent).id == pack_id:
                    return PackReference(pack_id, str(manifest.parent))
        return None

    def keep(self, pack: PackReference) -> None:
        """A copy of a pack that ships; hard links where they can be. Nothing of any other."""
        with contextlib.suppress(PackError):
            source, kept = self.files_of(pack), self._kept(pack)
            if kept.exists() or not is_shipped(source):
                return
            partial = kept.with_name(f"{kept.name}.part")
            shutil.rmtree(partial, ignore_errors=True)
            try:
                copy_pack(source, partial, _link_or_copy)
                partial.rename(kept)
            except OSError as error:
                shutil.rmtree(partial, ignore_errors=True)
                log.info("no copy of the pack %s is kept: %s", pack.id, error)

    def forget_others(self, *needed: PackReference | None) -> None:
        """Remove kept copies of packs that nobody goes back to."""
        names = {self._kept(pack).name for pack in needed if pack is not None}
        for manifest in self._all_kept():
            if manifest.parent.name not in names:
                shutil.rmtree(manifest.parent, ignore_errors=True)

    def _kept(self, pack: PackReference) -> Path:
        return self.folder / _KEPT / pack.id.replace("/", "_")

    def _all_kept(self) -> list[Path]:
        return list((self.folder / _KEPT).glob("*/pack.toml"))


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
