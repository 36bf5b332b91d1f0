"""The library: an opened data folder with database, pack, vector index and thumbnails that fit
together.
"""

from __future__ import annotations

import logging
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crispd import memory_plan
from crispd.default_data_dir import DATABASE
from crispd.errors import ConfigError, IndexCorrupt, PackError, StorageDamaged, StorageReadOnly
from crispd.images.thumbnails import stored_sizes
from crispd.ocr.models import find_ocr_models
from crispd.pack_switch.opening import choose_at_start, directly, folder_of
from crispd.pack_switch.places import PackPlaces
from crispd.packs.automatic import AUTO, choose_automatically
from crispd.packs.fine.cross_manifest import read_any_manifest
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import Pack, load_image_encoder, load_pack
from crispd.places.resolver import GazetteerResolver
from crispd.platform.processor import usable_cores
from crispd.store.data_dir.creation import make_data_folder
from crispd.store.data_dir.lock import DataFolderLock, ReadOnlyFolder
from crispd.store.database import Database
from crispd.store.device_table import SqliteDeviceStore
from crispd.store.inspection.known_roots import known_roots
from crispd.store.pack_vectors import PackVectors
from crispd.thumbnails.cache import ThumbnailCache
from crispd.types import DecodeLimits
from crispd.vectors import checkpoint
from crispd.vectors.checkpoint import IndexIdentity
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise
from crispd.vectors.workers import Workers
from crispd.watch.identity import is_same
from crispd.watch.path_errors import why_no_folder
from crispd.watch.placement import (
    data_among_photos,
    is_same_folder,
    lies_in,
    own_files_as_photos,
)
from crispd.watch.presence import why_absent

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from crispd.config import Settings
    from crispd.memory_plan import MemoryPlan
    from crispd.ocr.models import OcrModels
    from crispd.packs.manifest import Manifest
    from crispd.types import ImageEncoder, Root

log = logging.getLogger(__name__)

PACKS = "packs"  # in the data folder: where packs are installed
_A_PHOTO_BYTES = 13_000  # of the database
_MINI_MB = 60
_MOST_ENCODERS = 4
_NO_FOLDER = (
    "No photo folder is given. Name one or more: crispd serve ~/Pictures, or "
    "CRISPD_FOLDERS=/srv/photos:/srv/more"
)


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


def open_library(settings: Settings, *, watching: bool, at_once: bool = False) -> Library:
    """Open or create the data folder. Raises ConfigError, StorageError or PackError.

    ``watching``: from now on the folders of the settings and no others, before the index, which
    holds only these. ``at_once``: a pack that is chosen answers before it has seen all photos.
    """
    folder = settings.data_dir
    make_data_folder(folder)
    lock, read_only = _lock(folder)
    try:
        path = folder / DATABASE
        models = text_models(settings)
        budget = plan_memory(settings, path, text=models is not None)
        if read_only is None:
            database = Database.open(path, budget.database_mb, GazetteerResolver())
        else:
            database = Database.open_read_only(path, budget.database_mb)
    except BaseException as error:
        _let_go(lock, error)
        raise
    try:
        if lock.was_left_open:
            _read_through(database)
        reader = database.read()
        writing = watching and read_only is None
        roots = ensure_roots(database, settings.folders) if writing else reader.watched()
        _tell_placement(folder, roots)
        chosen = pack_folder(settings, database, writing, at_once)
        with ThreadPoolExecutor(1, thread_name_prefix="crispd-load") as beside:
            loading = beside.submit(load_chosen_pack, chosen, settings)
            index, unsaved = open_index(settings, database, read_manifest(chosen))
            pack = loading.result()
        if heavier := _heavier_mb(pack) + _fine_mb(settings):
            budget = plan_memory(settings, path, text=models is not None, models_mb=heavier)
    except BaseException as error:
        database.close()
        _let_go(lock, error)
        raise
    sizes = stored_sizes(settings.thumbnail_size)
    thumbnails = ThumbnailCache(folder / "thumbnails", sizes, settings.thumbnail_cache_mb)
    return Library(
        folder, lock, database, roots, pack, index, thumbnails, budget, unsaved, read_only,
        models if budget.reads_text else None,
    )  # fmt: skip


def open_to_read(settings: Settings) -> tuple[Database, MemoryPlan]:
    """The database of a data folder that a service may be using, and the plan of such a service.

    Raises ConfigError or StorageError.
    """
    path = settings.data_dir / DATABASE
    plan = plan_memory(settings, path)
    return Database.open_read_only(path, plan.database_mb), plan


def load_chosen_pack(folder: Path, settings: Settings) -> Pack:
    """A pack with the threads and the precision of the settings. Raises PackError."""
    return load_pack(
        folder,
        index_threads=settings.encode_threads or usable_cores(),
        encoders=encoder_count(settings),
        search_threads=search_threads(settings),
        precision=settings.precision,
        provider=settings.provider,
    )


def load_chosen_encoder(folder: Path, manifest: Manifest, settings: Settings) -> ImageEncoder:
    """Its image encoder alone, in the same way. Raises PackError."""
    threads = settings.encode_threads or usable_cores()
    return load_image_encoder(folder, manifest, threads, settings.precision, settings.provider)


def pack_folder(settings: Settings, database: Database, writing: bool, at_once: bool) -> Path:
    """Of the pack that answers from now on. Raises PackError."""
    places, vectors = PackPlaces(settings.data_dir / PACKS), PackVectors(database)
    before = vectors.choice()
    counts = vectors.counts() if before.active is None else {}
    setting = settings.pack
    if setting == AUTO:
        load = partial(load_chosen_encoder, settings=settings)
        used = before.setting or ("mini" if counts else "")
        setting = choose_automatically(places.folder, used, load, writing=writing).pack
    choice = choose_at_start(before, setting, places, counts)
    if at_once:
        choice = directly(choice)
    if writing and choice != before:
        vectors.choose(choice)
    if choice.target is not None:
        log.info("the pack %s shall answer once it has seen all photos", choice.target.id)
    return folder_of(choice, places)


def _lock(folder: Path) -> tuple[DataFolderLock | ReadOnlyFolder, StorageReadOnly | None]:
    """And why nothing can be written; then what was known is searched. Raises StorageError."""
    try:
        return DataFolderLock(folder), None
    except StorageReadOnly as error:
        if not os.access(folder / DATABASE, os.R_OK):
            raise
        log.warning("%s Until then searches are answered, and nothing is indexed.", error)
        return ReadOnlyFolder(), error


def _tell_placement(data_dir: Path, roots: list[Root]) -> None:
    for root in roots:
        if (sentence := data_among_photos(str(data_dir), root.path)) is not None:
            log.warning("%s", sentence)


def _let_go(lock: DataFolderLock | ReadOnlyFolder, error: BaseException) -> None:
    lock.unclean_shutdown = isinstance(error, StorageDamaged)
    lock.close()


def text_models(settings: Settings) -> OcrModels | None:
    """What reads text in photos, where it is installed and wanted.

    Raises ConfigError where it has to be installed and is not.
    """
    models = None if settings.read_text == "off" else find_ocr_models()
    if models is None and settings.read_text == "on":
        raise ConfigError(
            "read_text is on, and the models that read text in photos are not installed. Install "
            'them: pip install --no-deps "rapidocr>=3.9,<4", or set read_text to auto or off.'
        )
    return models


def _heavier_mb(pack: Pack) -> float:
    """How much larger its files are than those of `mini`, which the plan knows. All of them, though
    of two precisions one is loaded: what is packed for the processor comes on top.
    """
    return max(sum(file.bytes for file in pack.manifest.files) / memory_plan.MB - _MINI_MB, 0.0)


def _fine_mb(settings: Settings) -> float:
    """Of the files of the fine pack, where it is there and can be read."""
    if not settings.fine_pack.strip():
        return 0.0
    try:
        folder = find_pack(settings.fine_pack, settings.data_dir / PACKS)
        manifest = read_any_manifest(folder)
    except PackError:  # which is told once it is loaded
        return 0.0
    return sum(file.bytes for file in manifest.files) / memory_plan.MB


def plan_memory(
    settings: Settings, database: Path, *, text: bool = False, models_mb: float = 0
) -> MemoryPlan:
    """What fits the limit of the settings, or what this machine suggests.

    ``text``: text in photos is to be read; ``models_mb``: what models take beyond those of `mini`.
    Raises ConfigError where it has to and does not fit.
    """
    limit = settings.memory_limit_mb or memory_plan.default_limit_mb()
    size = database.stat().st_size if database.exists() else 0
    found = memory_plan.plan_memory(
        limit,
        vectors=size // _A_PHOTO_BYTES,
        # one more than compute: it reads, hashes and writes meanwhile
        decode_threads=settings.decode_threads or usable_cores() + 1,
        batch_size=settings.batch_size,
        max_pixels=int(settings.max_megapixels * 1_000_000),
        max_bytes=int(settings.max_file_mb * memory_plan.MB),
        floats=settings.precision == "float",
        text=text,
        models_mb=models_mb,
    )
    log.info("memory: %s", found)
    if text and not found.reads_text:
        least = memory_plan.least_for_text_mb(
            size // _A_PHOTO_BYTES, floats=settings.precision == "float"
        ) + math.ceil(models_mb)
        sentence = f"Text in photos needs a memory limit of {least} MB here; it is {limit} MB."
        if settings.read_text == "on":
            raise ConfigError(f"{sentence} Raise memory_limit_mb, or set read_text to auto or off.")
        log.info("%s It is not read.", sentence)
    if not found.enough:
        log.warning(
            "%d MB are too little for crispd, its models and this library; it may need more", limit
        )
    return found


def _read_through(database: Database) -> None:
    """After a kill or a power cut. Raises StorageDamaged."""
    log.info("crispd did not end in order the last time: its database is read through")
    database.quick_check()


def open_index(settings: Settings, database: Database, pack: Manifest) -> tuple[VectorIndex, bool]:
    """The saved index brought up to date, or a new one: both from SQLite, never from photos.

    And whether it is another than the saved one.
    """
    folder = settings.data_dir / "index"
    identity = IndexIdentity(database.id, pack.id, pack.dim)
    workers = Workers(search_threads(settings))
    try:
        index = checkpoint.load(folder, identity, workers)
    except IndexCorrupt as error:
        log.info("the vector index is built anew from the database: %s", error)
        index = VectorIndex(pack.dim, folder=folder, workers=workers)
    added, removed = synchronise(index, database.read(), pack.id)
    log.info("index: %d vectors, %d added, %d removed", len(index), added, removed)
    return index, bool(added or removed)


def ensure_roots(database: Database, folders: list[str]) -> list[Root]:
    """Watch the given folders and no others; where none is given, those that were watched last.

    What is known of others is kept: named again, they are there as they were.

    A folder that is not there is refused when it is new, a slip of the pen most likely, and
    accepted when it is known: its drive may come back. A new one that has the files of a known one
    that is gone takes its place, and nothing is read again.
    """
    reader = database.read()
    if not folders:
        if not (watched := reader.watched()):
            raise ConfigError(_NO_FOLDER)
        return watched
    known = {root.path for root in reader.roots()}
    wanted = _once([_absolute(folder) for folder in folders])
    _refuse_nested(wanted)
    _refuse_wrong(wanted, known)
    moved = {path: _known_elsewhere(database, path, wanted) for path in wanted if path not in known}
    with database.write() as tx:
        for path, root in moved.items():
            if root is not None:
                log.info("%s is taken for %s, which has moved", path, root.path)
                tx.relocate_root(root, path)
        found = [tx.ensure_root(path) for path in wanted]
        dropped = tx.watch(found)
    for root in dropped:
        log.warning(
            "%s is not among the folders any more: its photos are kept, and seen nowhere until it "
            "is named again",
            root.path,
        )
    return found


def prepare_folders(settings: Settings) -> None:
    """The data folder is there, and the photo folders are right, before anything is opened.

    Raises ConfigError for what ``ensure_roots`` would refuse, and StorageLocked.
    """
    _refuse_wrong_folders(settings)
    make_data_folder(settings.data_dir)


def _refuse_wrong_folders(settings: Settings) -> None:
    """A database that cannot be asked now is asked when it is opened."""
    wanted = [_absolute(folder) for folder in settings.folders]
    try:
        known = known_roots(settings.data_dir / DATABASE)
    except OSError:  # a data folder of another user: opening it says so
        return
    if known is None:
        return
    if not wanted and not known:
        raise ConfigError(_NO_FOLDER)
    _refuse_wrong(wanted, known)


def _refuse_wrong(wanted: list[str], known: Collection[str]) -> None:
    for path in wanted:
        if (sentence := own_files_as_photos(path)) is not None:
            raise ConfigError(sentence)
        if path not in known and (why := why_no_folder(path)):
            raise ConfigError(why)


def _known_elsewhere(database: Database, path: str, wanted: list[str]) -> Root | None:
    """The root that a new folder was before: one that is gone and has the same files."""
    reader = database.read()
    for root in reader.roots():
        gone = root.path not in wanted and why_absent(root.path, had_photos=True) is not None
        if gone and is_same(path, reader.known_files(root.id)):
            return root
    return None


def _absolute(folder: str) -> str:
    return os.path.abspath(os.path.expanduser(folder))  # noqa: PTH100, PTH111 - as above


def _once(paths: list[str]) -> list[str]:
    """Each folder once, also where links or mounts give it several names."""
    found: list[str] = []
    for path in dict.fromkeys(paths):
        twin = next((other for other in found if is_same_folder(path, other)), None)
        if twin is None:
            found.append(path)
        else:
            log.warning(
                "%s is the same folder as %s, by another name; it is taken once", path, twin
            )
    return found


def _refuse_nested(paths: list[str]) -> None:
    for inner in paths:
        for outer in paths:
            if inner != outer and lies_in(inner, outer):
                raise ConfigError(
                    f"The folder {inner} lies inside {outer}; give only the outer one."
                )


def encoder_count(settings: Settings) -> int:
    """Batches of photos that are encoded beside each other.

    A thread a batch: threads that share a batch wait for each other, 5 to 10 % of their time.
    """
    return min(settings.encode_threads or usable_cores(), _MOST_ENCODERS)


def search_threads(settings: Settings) -> int:
    """Threads of a search's models: beyond four they wait for one another."""
    return settings.search_threads or min(usable_cores(), 4)


def decode_limits(settings: Settings) -> DecodeLimits:
    """What a decoder may be fed."""
    return DecodeLimits(
        max_pixels=int(settings.max_megapixels * 1_000_000),
        max_bytes=int(settings.max_file_mb * 1024 * 1024),
    )
