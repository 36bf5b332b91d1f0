"""The library: an opened data folder with database, pack, vector index and thumbnails that fit
together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.store.device_table import SqliteDeviceStore
from crispd.vectors import checkpoint
from crispd.vectors.checkpoint import IndexIdentity

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.errors import StorageReadOnly
    from crispd.memory_plan import MemoryPlan
    from crispd.ocr.models import OcrModels
    from crispd.packs.pack import Pack
    from crispd.store.data_dir.lock import DataFolderLock, ReadOnlyFolder
    from crispd.store.database import Database
    from crispd.thumbnails.cache import ThumbnailCache
    from crispd.types import Root
    from crispd.vectors.index import VectorIndex


@dataclass(slots=True)
class Library:
    """An opened data folder, from ``open_library`` to ``close``.

    ``roots``: those that are watched. ``unsaved``: the index is not as its file has it.
    ``read_only``: why nothing can be written, as a sentence. ``text_models``: what reads text in
    photos; None where it is not to be read.
    """

    folder: Path
    lock: DataFolderLock | ReadOnlyFolder
    database: Database
    roots: list[Root]
    pack: Pack
    index: VectorIndex
    thumbnails: ThumbnailCache
    memory: MemoryPlan
    unsaved: bool
    read_only: StorageReadOnly | None = None
    text_models: OcrModels | None = None

    @property
    def identity(self) -> IndexIdentity:
        """What the index file belongs to."""
        return IndexIdentity(self.database.id, self.pack.id, self.pack.dim)

    @property
    def devices(self) -> SqliteDeviceStore:
        """Who may ask."""
        return SqliteDeviceStore(self.database)

    def save_index(self) -> None:
        """Write the index file; called by the thread that owns the index."""
        checkpoint.save(self.index, self.folder / "index", self.identity)
        self.unsaved = False

    def close(self) -> None:
        """Close what is open; the lock goes last."""
        self.database.close()
        self.lock.close()
