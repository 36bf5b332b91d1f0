"""PNG texts, anywhere in the file, and the profiles that ImageMagick packs into them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.images.metadata.captions import Captions
from crispd.images.metadata.date_parsing import parse_date
from crispd.types import CaptureTime, most_reliable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.types import DateKind

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 200_000
_MOST_TEXTS = 200
_MOST_BYTES = 4 * 2**20
_PROFILE = re.compile(r"^raw profile type (\w+)$")
_XMP = "xml:com.adobe.xmp"
_DATES: dict[str, DateKind] = {
    "exif:datetimeoriginal": "original",
    "datetimeoriginal": "original",
    "date/time original": "original",
    "creation time": "original",
    "creationtime": "original",
    "create-date": "original",
    "create date": "original",
    "exif:datetimedigitized": "digitized",
    "exif:datetime": "modified",
    "modify-date": "modified",
    "timestamp": "modified",
    "date:modify": "modified",
}
_CAPTIONS = ("title", "description", "comment")


@dataclass(frozen=True, slots=True)
class PngTexts:
    """``texts`` by their names in small letters; ``profiles`` by kind, as exif, iptc and xmp."""

    texts: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, bytes] = field(default_factory=dict)
    changed: str = ""

    def capture_time(self) -> CaptureTime | None:
        """Of the surest kind."""
        found = []
        for name, kind in _DATES.items():
            date = parse_date(self.texts.get(name, ""))
            if date is not None:
                found.append(CaptureTime(date.at, "png", date.precision, kind))
        date = parse_date(self.changed)
        if date is not None:
            found.append(CaptureTime(date.at, "png", date.precision, "modified"))
        return most_reliable(*found)

    def captions(self) -> Captions:
        """What its makers and programs call it."""
        title, *descriptions = (self.texts.get(name, "") for name in _CAPTIONS)
        return Captions((title,), tuple(descriptions))


def read_texts(data: bytes) -> PngTexts:
    """Of a PNG; nothing of any other file. Raises nothing."""
    found = PngTexts()
    if not data.startswith(_SIGNATURE):
        return found
    changed, texts = "", 0
    for kind, body in _chunks(data):
        if kind == b"eXIf":
            found.profiles["exif"] = body
        elif kind == b"tIME" and len(body) == 7:
            year = int.from_bytes(body[:2], "big")
            changed = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z".format(year, *body[2:])
        elif kind in {b"tEXt", b"zTXt", b"iTXt"} and texts < _MOST_TEXTS:
            texts += 1
            _keep(found, *_text(kind, body))
    return PngTexts(found.texts, found.profiles, changed)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if len(kind) < 4 or kind == b"IEND":
            return
        if kind in {b"eXIf", b"tIME", b"tEXt", b"zTXt", b"iTXt"} and length <= _MOST_BYTES:
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _text(kind: bytes, body: bytes) -> tuple[str, bytes]:
    """Name and value; an empty value where it cannot be read, or nobody asks for it."""
    title, _, rest = body.partition(b"\0")
    name = title.decode("latin-1").strip().lower()
    known = name in _DATES or name in _CAPTIONS or name == _XMP
    if not known and not _PROFILE.match(name):
        return name, b""
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif packed:
        rest = rest[1:]
    if packed:
        try:
            rest = zlib.decompressobj().decompress(rest, _MOST_BYTES)
        except zlib.error:
            rest = b""
    return name, rest


def _keep(found: PngTexts, name: str, value: bytes) -> None:
    profile = _PROFILE.match(name)
    if not value:
        return
    if name == _XMP:
        found.profiles["xmp"] = value
    elif profile is not None:
        kind, raw = _unpacked(profile[1], value)
        found.profiles.setdefault(kind, raw)
    else:
        found.texts.setdefault(name, value.decode("utf-8", "replace"))


def _unpacked(kind: str, value: bytes) -> tuple[str, bytes]:
    """Kind and bytes of what ImageMagick writes: a title, the length, digits, in lines."""
    lines = value.strip().split(b"\n", 2)
    try:
        raw = bytes.fromhex(lines[2].decode("ascii"))
    except (IndexError, ValueError):
        return kind, b""
    if kind == "app1":
        xmp = raw.partition(b"http://ns.adobe.com/xap/1.0/\0")[2]
        return ("xmp", xmp) if xmp else ("exif", raw)
    return ("iptc" if kind == "8bim" else kind), raw
