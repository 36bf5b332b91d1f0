"""The memory plan of the settings: their limit, this machine and this library."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from crispd import memory_plan
from crispd.errors import ConfigError, PackError
from crispd.library.limits import PACKS
from crispd.packs.fine.cross_manifest import read_any_manifest
from crispd.packs.locate import find_pack
from crispd.platform.processor import usable_cores

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings
    from crispd.memory_plan import MemoryPlan
    from crispd.packs.pack import Pack

log = logging.getLogger(__name__)

_A_PHOTO_BYTES = 13_000  # of the database
_MINI_MB = 60


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


def heavier_mb(pack: Pack) -> float:
    """How much larger its files are than those of `mini`, which the plan knows. All of them, though
    of two precisions one is loaded: what is packed for the processor comes on top.
    """
    return max(sum(file.bytes for file in pack.manifest.files) / memory_plan.MB - _MINI_MB, 0.0)


def fine_mb(settings: Settings) -> float:
    """Of the files of the fine pack, where it is there and can be read."""
    if not settings.fine_pack.strip():
        return 0.0
    try:
        folder = find_pack(settings.fine_pack, settings.data_dir / PACKS)
        manifest = read_any_manifest(folder)
    except PackError:  # which is told once it is loaded
        return 0.0
    return sum(file.bytes for file in manifest.files) / memory_plan.MB
