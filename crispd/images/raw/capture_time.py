"""Capture time and camera of a RAW file, from its first bytes, without its preview."""

from __future__ import annotations

import io

from PIL import Image

from crispd.images.metadata import exif
from crispd.images.metadata.embedded_blocks import BROKEN
from crispd.images.raw.detection import find_raw
from crispd.types import CaptureKey

HEAD_BYTES = 2**20  # where nearly all cameras note it
_JPEG = b"\xff\xd8\xff"
_KINDS = {"original", "digitized"}


def capture_key_of(head: bytes) -> CaptureKey:
    """Of the first bytes of a file, or all of them; nothing where they do not say. Never raises."""
    raw = find_raw(head)
    if raw is None:
        return CaptureKey()
    blocks = raw.main, raw.details, raw.gps
    if not any(blocks):  # Fujifilm's: its JPEG has it all
        blocks = _blocks_of_jpeg(head)
    taken = exif.capture_time(*blocks)
    known = taken is not None and taken.kind in _KINDS
    return CaptureKey(taken.at if taken and known else None, exif.camera(blocks[0]))


def _blocks_of_jpeg(head: bytes) -> exif.Blocks:
    start = head.find(_JPEG)
    if start < 0:
        return exif.NO_BLOCKS
    try:
        with Image.open(io.BytesIO(head[start:])) as image:
            block = image.info.get("exif")
    except BROKEN:
        return exif.NO_BLOCKS
    return exif.blocks_of(block) if isinstance(block, bytes) else exif.NO_BLOCKS
