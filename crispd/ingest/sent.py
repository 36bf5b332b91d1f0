"""A picture that somebody sent to search by: decoded and encoded like a photo, and not kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.images.apart import decode_apart

if TYPE_CHECKING:
    from crispd.ingest.decoding import DecodeSettings
    from crispd.types import EncodedPhoto, ImageEncoder


def encode_sent(data: bytes, settings: DecodeSettings, encoder: ImageEncoder) -> EncodedPhoto:
    """Its embedding. Waits for room as indexing does. Raises PhotoError or PackError."""
    rooms = settings.rooms
    with rooms.files.turn() as take_bytes, rooms.pictures.turn() as take_pixels:
        take_bytes(len(data))
        limits = replace(settings.limits, take=take_pixels)
        # the smallest thumbnail decides how far a JPEG is scaled down
        pixels = decode_apart(data, settings.wanted, limits, thumbnails=settings.thumbnails[:1])
        found = encoder.encode(pixels[None])[0]
    return replace(found, tokens=None)
