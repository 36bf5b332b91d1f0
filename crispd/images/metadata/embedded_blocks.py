"""Metadata blocks of a picture file, in any format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import ExifTags

from crispd.images.metadata import exif, iptc, png_text
from crispd.images.metadata.captions import NO_CAPTIONS, Captions
from crispd.images.metadata.xmp_parsing import MOST_BYTES
from crispd.images.raw.ifd import block_at, first_offset, read_directory

if TYPE_CHECKING:
    from PIL import Image

    from crispd.images.metadata.exif import Blocks
    from crispd.types import CaptureTime

# What damaged blocks make Pillow raise.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    ArithmeticError,
    AssertionError,
)
_TIFF_XMP, _TIFF_IPTC, _TIFF_RESOURCES = 700, 33723, 34377
_IPTC_RESOURCE = 0x0404
_GIF_XMP, _GIF_XMP_END = b"\x21\xff\x0bXMP DataXMP", b"\x01\xff\xfe"


@dataclass(frozen=True, slots=True)
class EmbeddedBlocks:
    """The EXIF blocks, the XMP packet, the IPTC block and the texts; each may be empty."""

    exif: Blocks = exif.NO_BLOCKS
    xmp: bytes = b""
    iptc: bytes = b""
    text_taken: CaptureTime | None = None
    captions: Captions = NO_CAPTIONS


def embedded_in(image: Image.Image, data: bytes) -> EmbeddedBlocks:
    """Of an image that was opened of ``data``."""
    if image.format == "TIFF":
        found = _in_tiff(data)
    else:
        texts = png_text.read_texts(data)
        profiles = texts.profiles
        found = EmbeddedBlocks(
            exif.blocks_of(_bytes(image.info.get("exif")) or profiles.get("exif", b"")),
            _packet(image, data) or profiles.get("xmp", b""),
            _iptc_of_jpeg(image) or profiles.get("iptc", b""),
            texts.capture_time(),
            texts.captions(),
        )
    if any(found.exif):
        return found
    return replace(found, exif=_blocks_by_pillow(image))


def _in_tiff(data: bytes) -> EmbeddedBlocks:
    block = block_at(data, 0)
    if block is None:
        return EmbeddedBlocks()
    main = read_directory(block, first_offset(block))
    records = main.raw(_TIFF_IPTC, iptc.MOST_BYTES) or main.raw(_TIFF_RESOURCES, iptc.MOST_BYTES)
    return EmbeddedBlocks(exif.blocks_of(data), main.raw(_TIFF_XMP, MOST_BYTES), records)


def _blocks_by_pillow(image: Image.Image) -> Blocks:
    """Of what our own reader cannot make sense of, as a TIFF beyond 4 GB."""
    try:
        main = image.getexif()
        values = dict(main)
    except BROKEN:
        return exif.NO_BLOCKS
    found = []
    for part in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        try:
            found.append(dict(main.get_ifd(part)))
        except BROKEN:
            found.append({})
    return values, found[0], found[1]


def _packet(image: Image.Image, data: bytes) -> bytes:
    if image.format == "GIF":
        start = data.find(_GIF_XMP)
        if start < 0:
            return b""
        start += len(_GIF_XMP)
        end = data.find(_GIF_XMP_END, start, start + MOST_BYTES)
        return data[start:end] if end >= 0 else data[start : start + MOST_BYTES]
    return _bytes(image.info.get("xmp"))


def _iptc_of_jpeg(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    return _bytes(resources.get(_IPTC_RESOURCE)) if isinstance(resources, dict) else b""


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""
