"""XMP fields, from a photo or its sidecar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.images.metadata.captions import NO_CAPTIONS, Captions
from crispd.images.metadata.coordinates import altitude_of, degrees_of, position_of
from crispd.images.metadata.date_parsing import parse_date
from crispd.images.metadata.text_cleaning import (
    camera_name,
    clean_text,
    keyword_list,
    lens_name,
    place_names,
)
from crispd.images.metadata.xmp_keywords import keyword_trees, keywords_in
from crispd.images.metadata.xmp_parsing import BROKEN, NAMESPACES, parse_packet
from crispd.images.metadata.xmp_people import people_in
from crispd.types import CaptureTime, PlaceNames, most_reliable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from crispd.types import DateKind, GeoPosition

_RDF = f"{{{NAMESPACES['rdf']}}}"
_XMP = f"{{{NAMESPACES['xmp']}}}"
_EXIF = f"{{{NAMESPACES['exif']}}}"
_EXIF_EX = f"{{{NAMESPACES['exifEX']}}}"
_PHOTOSHOP = f"{{{NAMESPACES['photoshop']}}}"
_TIFF = f"{{{NAMESPACES['tiff']}}}"
_MICROSOFT = f"{{{NAMESPACES['MicrosoftPhoto']}}}"
_ACDSEE = f"{{{NAMESPACES['acdsee']}}}"
_DATES: tuple[tuple[str, str, DateKind], ...] = (
    (f"{_EXIF}DateTimeOriginal", f"{_EXIF}OffsetTimeOriginal", "original"),
    (f"{_PHOTOSHOP}DateCreated", "", "original"),
    (f"{_ACDSEE}datetime", "", "original"),
    (f"{_XMP}CreateDate", "", "digitized"),
    (f"{_EXIF}DateTimeDigitized", f"{_EXIF}OffsetTimeDigitized", "digitized"),
    (f"{{{NAMESPACES['dc']}}}date", "", "digitized"),
    (f"{_EXIF}GPSTimeStamp", "", "satellite"),
    (f"{_EXIF}GPSDateTime", "", "satellite"),
    (f"{_XMP}ModifyDate", "", "modified"),
    (f"{_TIFF}DateTime", "", "modified"),
)
_CORE = f"{{{NAMESPACES['Iptc4xmpCore']}}}"
_EXT = f"{{{NAMESPACES['Iptc4xmpExt']}}}"
_DC = f"{{{NAMESPACES['dc']}}}"
_TITLES = (f"{_DC}title", f"{_PHOTOSHOP}Headline", f"{_ACDSEE}caption")
_DESCRIPTIONS = (
    f"{_DC}description",
    f"{_ACDSEE}notes",
    f"{_TIFF}ImageDescription",
    f"{_EXIF}UserComment",
)
# City, region, country and the place within the city: where the camera was, as older fields say;
# then as structures say; then what is seen.
_LOCATION = (f"{_PHOTOSHOP}City", f"{_PHOTOSHOP}State", f"{_PHOTOSHOP}Country", f"{_CORE}Location")
_STRUCTURES = (f"{_EXT}LocationCreated", f"{_EXT}LocationShown")
_IN_STRUCTURE = ("City", "ProvinceState", "CountryName", "Sublocation")
_LENSES = (f"{{{NAMESPACES['aux']}}}Lens", f"{_EXIF_EX}LensModel", f"{_EXIF}LensModel")
# Windows counts stars in percent.
_PERCENT = {1: 1, 25: 2, 50: 3, 75: 4, 99: 5}
_FRACTION = re.compile(r"^([+-]?\d+)/(\d+)$")


@dataclass(frozen=True, slots=True)
class Xmp:
    """The fields of a packet. ``altitude``: metres, also without a place."""

    capture_time: CaptureTime | None = None
    place: GeoPosition | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    altitude: float | None = None
    camera: str | None = None
    lens: str | None = None
    captions: Captions = NO_CAPTIONS
    people: tuple[str, ...] = ()
    location: PlaceNames | None = None
    keyword_paths: tuple[str, ...] = ()


NOTHING = Xmp()


def read_xmp(packet: bytes) -> Xmp:
    """What a packet says; nothing where it is huge, or tries to expand entities."""
    root = parse_packet(packet)
    if root is None:
        return NOTHING
    values = _values(root)
    altitude = altitude_of(
        _number(values.get(f"{_EXIF}GPSAltitude", "")),
        below=values.get(f"{_EXIF}GPSAltitudeRef", "").startswith("1"),
    )
    return Xmp(
        _taken(values),
        _place(values, altitude),
        _rating(values),
        tuple(keyword_list(keywords_in(root, values))),
        altitude,
        camera_name(values.get(f"{_TIFF}Make"), values.get(f"{_TIFF}Model")),
        next(filter(None, (lens_name(values.get(name)) for name in _LENSES)), None),
        Captions(_texts(values, _TITLES), _texts(values, _DESCRIPTIONS)),
        people_in(root),
        _location(root, values),
        tuple(keyword_list("/".join(tree) for tree in keyword_trees(root) if len(tree) > 1)),
    )


def _texts(values: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(values[name] for name in names if values.get(name))


def _location(root: Element, values: Mapping[str, str]) -> PlaceNames | None:
    found = place_names(*(values.get(name, "") for name in _LOCATION))
    if found:
        return found
    for name in _STRUCTURES:
        for structure in root.iter(name):
            parts = _first_place(structure)
            if parts:
                return parts
    return None


def _first_place(structure: Element) -> PlaceNames:
    """Of several places in a list, the first: its names stand in attributes or in elements."""
    for element in structure.iter():
        found = [
            element.attrib.get(_EXT + name) or _name_in(element.find(_EXT + name))
            for name in _IN_STRUCTURE
        ]
        names = place_names(*found)
        if names:
            return names
    return PlaceNames()


def _name_in(child: Element | None) -> str:
    return "" if child is None else _simple(child) or ""


def _values(root: Element) -> dict[str, str]:
    """Simple properties, written as attributes or as elements; the first of each."""
    found: dict[str, str] = {}
    for node in _described(root):
        for name, value in node.attrib.items():
            found.setdefault(name, clean_text(value))
        for child in node:
            text = _simple(child)
            if text:
                found.setdefault(child.tag, clean_text(text))
    return found


def _described(root: Element) -> Iterator[Element]:
    """What the packet says of the photo, before what it says of others that are in it."""
    if root.tag == BROKEN:  # of what is in what, nothing can be said
        yield from root.iter()
        return
    wholes = [root] if root.tag == f"{_RDF}RDF" else list(root.iter(f"{_RDF}RDF"))
    for whole in wholes:
        yield from whole
    if not wholes:
        yield from root.iter(f"{_RDF}Description")


def _simple(child: Element) -> str | None:
    """The value of a property: its text, the first of a list, or what it is qualified with."""
    if not len(child):
        return child.text
    for name in (f"{_RDF}li", f"{_RDF}value"):
        for inner in child.iter(name):
            return None if len(inner) else inner.text
    return None


def _taken(values: Mapping[str, str]) -> CaptureTime | None:
    found = []
    for name, offset, kind in _DATES:
        date = parse_date(values.get(name, ""), values.get(offset, ""))
        if date is not None:
            source = "gps" if kind == "satellite" else "xmp"
            found.append(CaptureTime(date.at, source, date.precision, kind))  # type: ignore[arg-type]
    return most_reliable(*found)


def _place(values: Mapping[str, str], altitude: float | None) -> GeoPosition | None:
    def degrees(name: str, directions: str, limit: float) -> float | None:
        text, reference = values.get(_EXIF + name, ""), values.get(f"{_EXIF}{name}Ref", "")
        return degrees_of(text, reference, directions, limit)

    latitude, longitude = degrees("GPSLatitude", "NS", 90), degrees("GPSLongitude", "EW", 180)
    return position_of(latitude, longitude, altitude)


def _number(text: str) -> float | None:
    """Decimal, or a fraction as XMP writes what EXIF has as one."""
    fraction = _FRACTION.match(text)
    try:
        return int(fraction[1]) / int(fraction[2]) if fraction else float(text.split()[0])
    except (ValueError, ArithmeticError, IndexError):
        return None


def _rating(values: Mapping[str, str]) -> int | None:
    """Stars."""
    for name in (f"{_XMP}Rating", f"{_ACDSEE}rating"):
        stars = _number(values.get(name, ""))
        if stars is not None and (1 <= round(_finite(stars)) <= 5 or stars == -1):
            return round(stars)
    percent = _number(values.get(f"{_MICROSOFT}Rating", ""))
    return _PERCENT.get(round(_finite(percent))) if percent is not None else None


def _finite(number: float) -> float:
    return number if abs(number) < 1000 else 0.0
