"""Title and description of a photo, from the many fields that programs and cameras fill."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.images.metadata.text_cleaning import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 2000
_LONGEST_READ = 20_000  # characters of a value that are looked at
# What cameras and programs write there of themselves, whatever is seen.
_FILLED_IN = """
a adobe and ascii by camera caption ccd charset created cyber dcim default description digital dji
dsc dscf dscn exif file gimp hdr image img instagram intel ipp jfif jpeg jpg kenox kodak konica
lead media minolta mvc no none null of olympus optio panasonic photo photoshop picture processed pro
samsung sanyo screenshot shot software sony still technologies inc the title unbenannt unicode
untitled version vga vsco with written
"""
_OF_CAMERAS = frozenset(_FILLED_IN.split())
_OF_PROGRAMS = re.compile(r"^\s*(?:[{<]|https?://\S+$|[\w.-]+:\s*[\d.-]+\s*[,;])")
_LETTERS = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\W_]+")
# How EXIF marks the encoding of a comment (Exif 3.0, 4.6.6.7.8); eight zeros: not said.
_ASCII, _UNICODE, _JIS = b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0"


@dataclass(frozen=True, slots=True)
class Captions:
    """``titles`` and ``descriptions`` as found, the surest first; each may be empty or nonsense."""

    titles: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()


NO_CAPTIONS = Captions()


def chosen(*found: Captions) -> tuple[str | None, str | None]:
    """Title and description: the first of each that somebody wrote, and not the same twice.

    A headline that is not the title is better than no description.
    """
    titles = _written((text for each in found for text in each.titles), LONGEST_TITLE)
    texts = _written((text for each in found for text in each.descriptions), LONGEST_DESCRIPTION)
    title = titles[0] if titles else None
    said = title.casefold() if title else ""
    others = (text for text in [*texts, *titles] if text.casefold() != said)
    return title, next(others, None)


def _written(values: Iterable[str], longest: int) -> list[str]:
    cleaned = (" ".join(clean_text(value[:_LONGEST_READ]).split()) for value in values)
    return [text[:longest].strip() for text in cleaned if is_written(text)]


def is_written(text: str) -> bool:
    """Whether a person may have written it: some letters, and nothing that cameras fill in."""
    if len(_LETTERS.findall(text[:200])) < 2:
        return False
    words = _WORDS.findall(text[:200].casefold())
    of_cameras = all(word in _OF_CAMERAS or not word.isalpha() for word in words)
    return not (of_cameras or _OF_PROGRAMS.match(text[:200]))


def utf16_text(value: object) -> str:
    """Of a tag of Windows: UTF-16 in bytes; empty where it is none."""
    if isinstance(value, tuple):
        value = bytes(part for part in value if isinstance(part, int) and 0 <= part < 256)
    if not isinstance(value, bytes):
        return clean_text(value)
    return value[: 2 * _LONGEST_READ].decode("utf-16-le", "replace").split("\0")[0]


def comment_text(value: object) -> str:
    """A user's comment with its mark of eight bytes; empty where it cannot be read."""
    if not isinstance(value, bytes):
        return clean_text(value)
    mark, body = value[:8], value[8 : 8 + 2 * _LONGEST_READ]
    if mark == _UNICODE:
        return _utf16_either_way(body)
    if mark == _JIS:
        return _decoded(body, "iso2022_jp")
    if mark not in {_ASCII, bytes(8)}:
        body = value[: 2 * _LONGEST_READ]
    return _decoded(body.split(b"\0")[0], "utf-8")


def _utf16_either_way(body: bytes) -> str:
    """The standard leaves the order of bytes to the file's; programs leave it to chance."""
    body = body[: len(body) // 2 * 2]
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _decoded(body, "utf-16")
    little = body[1::2].count(0) >= body[::2].count(0)
    return _decoded(body, "utf-16-le" if little else "utf-16-be").split("\0")[0]


def _decoded(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return ""
