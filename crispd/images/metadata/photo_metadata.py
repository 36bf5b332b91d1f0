"""The metadata of a photo, from all its sources. Nothing in here can fail a photo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import ExifTags

from crispd.images.formats import TYPES
from crispd.images.metadata import exif, iptc
from crispd.images.metadata.captions import Captions, chosen
from crispd.images.metadata.embedded_blocks import BROKEN, EmbeddedBlocks, embedded_in
from crispd.images.metadata.text_cleaning import keyword_list
from crispd.images.metadata.xmp import read_xmp
from crispd.types import PhotoMetadata, most_reliable

if TYPE_CHECKING:
    from PIL import Image

    from crispd.images.raw.detection import RawFile

_Base = ExifTags.Base
# Orientations 5 to 8 lie on their side: width and height change places.
SIDEWAYS = frozenset({5, 6, 7, 8})
_LONGEST_SIDE = 65_535


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation 1 to 8; 1 where there is none or nonsense."""
    try:
        value = image.getexif().get(_Base.Orientation, 1)
    except BROKEN:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def metadata_of(
    image: Image.Image, data: bytes, size: tuple[int, int], orientation: int
) -> PhotoMetadata:
    """Metadata of an image opened of ``data``, of ``size`` as it lies in the file."""
    type_ = TYPES.get(image.format or "", "unknown")
    return _told(type_, size, orientation, embedded_in(image, data))


def metadata_of_raw(
    raw: RawFile, preview: Image.Image, data: bytes, size: tuple[int, int], orientation: int
) -> PhotoMetadata:
    """What a RAW says of itself and, where it does not, its preview of ``size`` and ``data``."""
    packed = EmbeddedBlocks((raw.main, raw.details, raw.gps), raw.xmp, raw.iptc)
    own = _told(raw.type, _full_size(raw, size), orientation, packed)
    other = metadata_of(preview, data, size, orientation)
    place = own.place or other.place
    metres = other.metres if own.metres is None else own.metres
    return replace(
        own,
        capture_time=most_reliable(own.capture_time, other.capture_time),
        camera=own.camera or other.camera,
        lens=own.lens or other.lens,
        place=place and replace(place, altitude=metres),
        rating=other.rating if own.rating is None else own.rating,
        keywords=tuple(keyword_list([*own.keywords, *other.keywords])),
        altitude=None if place else metres,
        title=own.title or other.title,
        description=own.description or other.description,
        people=tuple(keyword_list([*own.people, *other.people])),
        location=own.location or other.location,
        keyword_paths=tuple(keyword_list([*own.keyword_paths, *other.keyword_paths])),
    )


def _full_size(raw: RawFile, preview: tuple[int, int]) -> tuple[int, int]:
    """Of the developed picture: what the file says where that fits the preview, else as that."""
    for width, height in raw.sizes:
        fits = preview[0] <= width <= _LONGEST_SIDE and preview[1] <= height <= _LONGEST_SIDE
        if fits and (width >= height) == (preview[0] >= preview[1]):
            return width, height
    return preview


def _told(
    type_: str, size: tuple[int, int], orientation: int, packed: EmbeddedBlocks
) -> PhotoMetadata:
    """The camera's word goes first for time and place, the editor's for the rating; keywords are
    those of all. A time of a surer kind goes before one of another, whoever says it.
    """
    width, height = size[::-1] if orientation in SIDEWAYS else size
    main, details, gps = packed.exif
    xmp, records = read_xmp(packed.xmp), iptc.read_records(packed.iptc)
    metres = exif.altitude(gps)
    altitude = xmp.altitude if metres is None else metres
    place = exif.gps_position(gps) or xmp.place
    return PhotoMetadata(
        width,
        height,
        type_,
        most_reliable(
            exif.capture_time(main, details, gps),
            xmp.capture_time,
            iptc.capture_time(records),
            packed.text_taken,
        ),
        exif.camera(main) or xmp.camera,
        exif.lens(details) or xmp.lens,
        place and replace(place, altitude=altitude),
        xmp.rating if xmp.rating is not None else exif.rating(main),
        tuple(keyword_list([*xmp.keywords, *iptc.keywords(records), *exif.keywords(main)])),
        None if place else altitude,
        *chosen(
            xmp.captions,
            Captions(tuple(iptc.titles(records)), (iptc.caption(records),)),
            exif.captions(main, details),
            packed.captions,
        ),
        xmp.people,
        xmp.location or iptc.location(records) or None,
        xmp.keyword_paths,
    )
