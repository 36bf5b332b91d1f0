"""What a photo says of itself. Nothing in here can fail a photo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, ImageFile, IptcImagePlugin

from crispd.images import exif
from crispd.images.formats import TYPES
from crispd.images.words import keyword_list
from crispd.images.xmp import NOTHING, Xmp, read_xmp
from crispd.types import PhotoMetadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from PIL import Image

    from crispd.images.raw.find import Raw

    # EXIF's main block, details and position
    Blocks = tuple[Mapping[int, Any], Mapping[int, Any], Mapping[int, Any]]

_Base, _Ifd = ExifTags.Base, ExifTags.IFD
# What damaged blocks make Pillow raise.
_BROKEN = (
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
# Orientations 5 to 8 lie on their side: width and height change places.
SIDEWAYS = frozenset({5, 6, 7, 8})
_LONGEST_SIDE = 65_535
_TIFF_XMP = 700
_PNG_XMP = "XML:com.adobe.xmp"
_IPTC_KEYWORDS = (2, 25)
_IPTC_CHARSET = (1, 90)
_UTF8 = b"\x1b%G"
_WITH_IPTC = {"JPEG", "MPO", "TIFF"}


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation 1 to 8; 1 where there is none or nonsense."""
    try:
        value = image.getexif().get(_Base.Orientation, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def metadata_of(image: Image.Image, size: tuple[int, int], orientation: int) -> PhotoMetadata:
    """Metadata of an opened image of ``size`` as it lies in the file (before orientation)."""
    type_ = TYPES.get(image.format or "", "unknown")
    return _told(type_, size, orientation, _blocks(image), _xmp(image), _iptc_keywords(image))


def metadata_of_raw(
    raw: Raw, preview: Image.Image, size: tuple[int, int], orientation: int
) -> PhotoMetadata:
    """What a RAW says of itself and, where it does not, its preview of ``size``."""
    blocks = (raw.main, raw.details, raw.gps)
    own = _told(raw.type, _full_size(raw, size), orientation, blocks, read_xmp(raw.xmp), ())
    other = metadata_of(preview, size, orientation)
    return replace(
        own,
        taken=own.taken or other.taken,
        camera=own.camera or other.camera,
        lens=own.lens or other.lens,
        place=own.place or other.place,
        rating=other.rating if own.rating is None else own.rating,
        keywords=tuple(keyword_list([*own.keywords, *other.keywords])),
    )


def _full_size(raw: Raw, preview: tuple[int, int]) -> tuple[int, int]:
    """Of the developed picture: what the file says where that fits the preview, else as that."""
    for width, height in raw.sizes:
        fits = preview[0] <= width <= _LONGEST_SIDE and preview[1] <= height <= _LONGEST_SIDE
        if fits and (width >= height) == (preview[0] >= preview[1]):
            return width, height
    return preview


def _told(
    type_: str,
    size: tuple[int, int],
    orientation: int,
    blocks: Blocks,
    xmp: Xmp,
    more_words: Iterable[str],
) -> PhotoMetadata:
    """Of EXIF and XMP the camera's word goes first for time and place, the editor's for the rating;
    keywords are those of all.
    """
    width, height = size[::-1] if orientation in SIDEWAYS else size
    main, details, gps = blocks
    words = [*xmp.keywords, *more_words, *exif.keywords(main)]
    return PhotoMetadata(
        width,
        height,
        type_,
        exif.taken(main, details) or xmp.taken,
        exif.camera(main),
        exif.lens(details),
        exif.place(gps) or xmp.place,
        xmp.rating if xmp.rating is not None else exif.rating(main),
        tuple(keyword_list(words)),
    )


def _blocks(image: Image.Image) -> Blocks:
    """EXIF's main block, details and position; each empty where it cannot be read."""
    try:
        main = image.getexif()
        values = dict(main)
    except _BROKEN:
        return {}, {}, {}
    found = []
    for part in (_Ifd.Exif, _Ifd.GPSInfo):
        try:
            found.append(dict(main.get_ifd(part)))
        except _BROKEN:
            found.append({})
    return values, found[0], found[1]


def _xmp(image: Image.Image) -> Xmp:
    packet = image.info.get("xmp") or image.info.get(_PNG_XMP)
    if packet is None and image.format == "TIFF":
        try:
            packet = image.getexif().get(_TIFF_XMP)
        except _BROKEN:
            return NOTHING
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    return read_xmp(packet) if isinstance(packet, bytes) else NOTHING


def _iptc_keywords(image: Image.Image) -> Iterator[str]:
    if not isinstance(image, ImageFile.ImageFile) or image.format not in _WITH_IPTC:
        return
    try:
        block = IptcImagePlugin.getiptcinfo(image) or {}
    except _BROKEN:
        return
    # Without a mark every program writes what it likes; UTF-8 that is valid is no accident.
    codec = "utf-8" if block.get(_IPTC_CHARSET) == _UTF8 else None
    values = block.get(_IPTC_KEYWORDS, [])
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, bytes):
            yield _decoded(value, codec)


def _decoded(value: bytes, codec: str | None) -> str:
    try:
        return value.decode(codec or "utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
