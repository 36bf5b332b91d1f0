"""IPTC fields (IIM 4.2), an older standard that agencies and archives still write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.images.metadata.date_parsing import parse_date
from crispd.images.metadata.text_cleaning import clean_text, place_names
from crispd.types import CaptureTime, most_reliable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.types import DateKind, PlaceNames

    Records = dict[tuple[int, int], list[bytes]]

MOST_BYTES = 2**20
_MOST_RECORDS = 5000
_RESOURCE = b"8BIM"
_IPTC_RESOURCE = 0x0404
_CHARSET, _UTF8 = (1, 90), b"\x1b%G"
_KEYWORDS = (2, 25)
_TITLES = ((2, 5), (2, 105))
_CAPTION = (2, 120)
_LOCATION = ((2, 90), (2, 95), (2, 101), (2, 92))
_DATES: tuple[tuple[tuple[int, int], tuple[int, int], DateKind], ...] = (
    ((2, 55), (2, 60), "original"),
    ((2, 62), (2, 63), "digitized"),
)


def read_records(data: bytes) -> Records:
    """Values by record and number, of a bare block or of one among Photoshop's resources."""
    block = _among_resources(data) if data.startswith(_RESOURCE) else data
    found: Records = {}
    at = 0
    for _ in range(_MOST_RECORDS):
        if at + 5 > len(block) or block[at] != 0x1C:
            break
        length = int.from_bytes(block[at + 3 : at + 5], "big")
        if length & 0x8000:  # longer than any keyword or date
            break
        value = block[at + 5 : at + 5 + length]
        found.setdefault((block[at + 1], block[at + 2]), []).append(value)
        at += 5 + length
    return found


def _among_resources(data: bytes) -> bytes:
    at = 0
    while data.startswith(_RESOURCE, at) and at + 12 <= len(data):
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        name_length = data[at + 6] + 1
        at += 6 + name_length + name_length % 2
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if number == _IPTC_RESOURCE:
            return data[at : at + length]
        at += length + length % 2
    return b""


def capture_time(records: Records) -> CaptureTime | None:
    """Of the surest kind; the time stands apart from the date, or is not there."""
    found = []
    for day, clock, kind in _DATES:
        texts = [clean_text((records.get(name) or [b""])[0]) for name in (day, clock)]
        date = parse_date(" ".join(texts)) or parse_date(texts[0])
        if date is not None:
            found.append(CaptureTime(date.at, "iptc", date.precision, kind))
    return most_reliable(*found)


def keywords(records: Records) -> Iterator[str]:
    """As they are, in the order they came."""
    return _texts(records, _KEYWORDS)


def titles(records: Records) -> list[str]:
    """The object's name, and the headline."""
    return [_text(records, name) for name in _TITLES]


def caption(records: Records) -> str:
    """What is seen; empty where nobody says."""
    return _text(records, _CAPTION)


def location(records: Records) -> PlaceNames:
    """City, state, country and the place within the city."""
    return place_names(*(_text(records, name) for name in _LOCATION))


def _text(records: Records, name: tuple[int, int]) -> str:
    return next(_texts(records, name), "")


def _texts(records: Records, name: tuple[int, int]) -> Iterator[str]:
    """Without a mark every program writes what it likes; UTF-8 that is valid is no accident."""
    marked = records.get(_CHARSET) == [_UTF8]
    for value in records.get(name, []):
        try:
            yield value.decode("utf-8", "replace" if marked else "strict")
        except UnicodeDecodeError:
            yield value.decode("latin-1")
