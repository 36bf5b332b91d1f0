"""The pack that answers, and what reads text in photos: chosen and loaded as the settings say."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from crispd.errors import ConfigError
from crispd.library.limits import PACKS, encoder_count, search_threads
from crispd.ocr.models import find_ocr_models
from crispd.pack_switch.opening import choose_at_start, directly, folder_of
from crispd.pack_switch.places import PackPlaces
from crispd.packs.automatic import AUTO, choose_automatically
from crispd.packs.pack import Pack, load_image_encoder, load_pack
from crispd.platform.processor import usable_cores
from crispd.store.pack_vectors import PackVectors

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings
    from crispd.ocr.models import OcrModels
    from crispd.packs.manifest import Manifest
    from crispd.store.database import Database
    from crispd.types import ImageEncoder

log = logging.getLogger(__name__)


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
