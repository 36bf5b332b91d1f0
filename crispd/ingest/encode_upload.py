"""Encoding of an uploaded query image: decoded like a photo, and not stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.images.isolation.isolated_decoder import decode_isolated

if TYPE_CHECKING:
    from crispd.ingest.stages.decode_stage import DecodeSettings
    from crispd.memory_budgets import MemoryReservation
    from crispd.types import EncodedPhoto, ImageEncoder


# Of the process that decodes it: Python, Pillow and the picture's copy.
_PROCESS_BYTES = 64 * 2**20


def encode_upload(data: bytes, settings: DecodeSettings, encoder: ImageEncoder) -> EncodedPhoto:
    """Its embedding. Waits for room as indexing does. Raises PhotoError or PackError."""

    def work(place: MemoryReservation) -> EncodedPhoto:
        most = max(place.most - _PROCESS_BYTES, 0)
        limits = replace(settings.limits, take=place.take, max_memory=most)
        # the smallest thumbnail decides how far a JPEG is scaled down
        pixels = decode_isolated(data, settings.wanted, limits, thumbnails=settings.thumbnails[:1])
        return encoder.encode(pixels[None])[0]

    return replace(settings.rooms.admit(len(data), work), tokens=None)
