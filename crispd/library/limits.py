"""What the settings allow threads and decoders, and where packs are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.platform.processor import usable_cores
from crispd.types import DecodeLimits

if TYPE_CHECKING:
    from crispd.config import Settings

PACKS = "packs"  # in the data folder: where packs are installed
_MOST_ENCODERS = 4


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
