"""The fine pack that the settings name: found, made a pack of where it is none yet, and loaded."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from crispd.errors import Conflict, PackMissing
from crispd.fine_pack.reranker import FinePack
from crispd.library.limits import PACKS, search_threads
from crispd.pack_manager.installer import PackInstaller
from crispd.packs.fine.cross_fine import CrossFineModel
from crispd.packs.fine.cross_manifest import is_cross, read_cross_manifest
from crispd.packs.fine.dual_fine import DualFineModel
from crispd.packs.foreign import try_out
from crispd.packs.integrity import verify
from crispd.packs.locate import find_pack, is_shipped
from crispd.packs.pack import load_pack
from crispd.platform.processor import usable_cores
from crispd.store.fine_vectors import FineVectors

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.library.library import Library
    from crispd.types import FineModel

log = logging.getLogger(__name__)


def make_fine_pack(settings: Settings, library: Library) -> FinePack | None:
    """Not loaded yet; None where the settings name none."""
    name = settings.fine_pack.strip()
    if not name:
        return None
    return FinePack(name, lambda: load_fine_pack(settings, name), FineVectors(library.database))


def load_fine_pack(settings: Settings, name: str) -> FineModel:
    """A pack by name or path, or a folder of models, as a fine stage. Raises PackError."""
    installed = settings.data_dir / PACKS
    folder = fine_folder(name, installed)
    if not is_shipped(folder) and folder.parent != installed:
        try_out(folder)  # what is installed was tried then
    threads = search_threads(settings)
    if is_cross(folder):
        manifest = read_cross_manifest(folder)
        verify(folder, manifest)
        return CrossFineModel(folder, manifest, threads, settings.precision)
    pack = load_pack(
        folder,
        index_threads=settings.encode_threads or usable_cores(),
        search_threads=threads,
        precision=settings.precision,
        provider=settings.provider,
    )
    return DualFineModel(pack)


def fine_folder(name: str, installed: Path) -> Path:
    """The folder of a pack, by name or path; of a folder of models that is none yet, a pack is made
    once. Raises PackError.
    """
    try:
        return find_pack(name, installed)
    except PackMissing:
        folder = Path(name).expanduser()
        if not folder.is_dir() or not any(folder.rglob("*.onnx")):
            raise
    made = _made_name(folder)
    installer = PackInstaller(installed)
    try:
        installer.add_folder(folder, made)
    except Conflict:
        log.debug("%s is a pack already: %s", folder, made)
    return installer.installed()[made]


def _made_name(folder: Path) -> str:
    """Another one where the files are others."""
    digest = hashlib.sha256(str(folder.resolve()).encode())
    for path in sorted(folder.rglob("*")):
        found = path.stat()
        digest.update(f"{path.name} {found.st_size} {found.st_mtime_ns}".encode())
    plain = re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-.") or "pack"
    return f"{plain[:40]}-{digest.hexdigest()[:8]}"
