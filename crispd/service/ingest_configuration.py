"""Ingest configuration: settings as plain values, fitted to the memory plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.images.thumbnails import indexed_sizes
from crispd.ingest.ingestor import IngestSettings
from crispd.ingest.stages.decode_stage import DecodeSettings
from crispd.library.limits import encoder_count
from crispd.platform.processor import usable_cores
from crispd.types import DecodeLimits

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.library.library import Library
    from crispd.memory_budgets import MemoryBudgets


def decode_settings(settings: Settings, library: Library, rooms: MemoryBudgets) -> DecodeSettings:
    """Of every decoder, also of pictures that people send."""
    return DecodeSettings(
        pack=library.pack.id,
        wanted=library.pack.image_input,
        limits=DecodeLimits(library.memory.max_pixels, library.memory.max_bytes),
        thumbnails=indexed_sizes(settings.thumbnail_size),
        rooms=rooms,
    )


def ingest_settings(
    settings: Settings, library: Library, rooms: MemoryBudgets, *, watch: bool
) -> IngestSettings:
    """``watch``: follow changes live."""
    memory, cores = library.memory, usable_cores()
    beside = min(encoder_count(settings), memory.batch_size) if library.pack.threads else 1
    wanted = [settings.decode_threads or cores, settings.encode_threads or cores]
    return IngestSettings(
        decode=decode_settings(settings, library, rooms),
        decode_threads=memory.decode_threads,
        encoders=beside,
        encoder_cores=library.pack.threads and max(min(wanted[1], cores) // beside, 1),
        batch_size=memory.batch_size // beside,
        cores=min(cores, sum(wanted)),
        settle_seconds=settings.settle_seconds,
        # 0 switches the timer off; a year comes close enough to never
        rescan_seconds=settings.rescan_minutes * 60 or 365 * 86400.0,
        checkpoint_seconds=settings.checkpoint_minutes * 60,
        removal_share=settings.removal_share,
        exclude=tuple(settings.exclude),
        watch=watch,
    )


def limits_sentence(settings: Settings, library: Library) -> str:
    """What decides whether a file is too large, as far as it does not change from day to day."""
    return f"{library.memory.limit_mb} {settings.max_megapixels} {settings.max_file_mb}"
