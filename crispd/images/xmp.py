"""What an XMP packet says: in the photo itself, or in a file beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from crispd.images.words import clean, keyword_list
from crispd.types import Place, Taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_MOST_BYTES = 4 * 2**20
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
_MOMENTS = (f"{_EXIF}DateTimeOriginal", f"{_PHOTOSHOP}DateCreated", f"{_XMP}CreateDate")
# A date alone says nothing of the hour and is left to other sources.
_MOMENT = re.compile(
    r"^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T([01]\d|2[0-3]):([0-5]\d)"
    r"(?::([0-5]\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$"
)
# "52,31.2N" or "52,31,12N": degrees and minutes, comma between, the direction behind
_ANGLE = re.compile(r"^(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$")


@dataclass(frozen=True, slots=True)
class Xmp:
    """What was found in a packet."""

    taken: Taken | None = None
    place: Place | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()


NOTHING = Xmp()


def read_xmp(packet: bytes) -> Xmp:
    """What a packet says; nothing where it is damaged, huge, or tries to expand entities."""
    if len(packet) > _MOST_BYTES:
        return NOTHING
    start, end = packet.find(b"<"), packet.rfind(b">")
    try:
        root = ElementTree.fromstring(packet[start : end + 1], forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        return NOTHING
    values = _values(root)
    return Xmp(_taken(values), _place(values), _rating(values), tuple(_keywords(root)))


def _values(root: Element) -> dict[str, str]:
    """Simple properties, written as attributes or as elements; the first of each."""
    found: dict[str, str] = {}
    for description in root.iter(f"{_RDF}Description"):
        for name, value in description.attrib.items():
            found.setdefault(name, clean(value))
        for child in description:
            if len(child) == 0 and child.text:
                found.setdefault(child.tag, clean(child.text))
    return found


def _taken(values: dict[str, str]) -> Taken | None:
    for name in _MOMENTS:
        match = _MOMENT.match(values.get(name, ""))
        if match:
            day, hour, minute, second, offset = match.groups()
            return Taken(f"{day}T{hour}:{minute}:{second or '00'}{offset or ''}", "xmp")
    return None


def _place(values: dict[str, str]) -> Place | None:
    latitude = _degrees(values.get(f"{_EXIF}GPSLatitude", ""), "NS", 90)
    longitude = _degrees(values.get(f"{_EXIF}GPSLongitude", ""), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return Place(latitude, longitude)


def _degrees(text: str, directions: str, limit: float) -> float | None:
    match = _ANGLE.match(text)
    if not match or match[4] not in directions:
        return None
    total = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    if total > limit:
        return None
    return round(total if match[4] == directions[0] else -total, 7)


def _rating(values: dict[str, str]) -> int | None:
    text = values.get(f"{_XMP}Rating", "")
    try:
        value = round(float(text))
    except (ValueError, OverflowError):
        return None
    return value if 1 <= value <= 5 or value == -1 else None


def _keywords(root: Element) -> Iterator[str]:
    words = (
        item.text or "" for subject in root.iter(_SUBJECT) for item in subject.iter(f"{_RDF}li")
    )
    return iter(keyword_list(words))
