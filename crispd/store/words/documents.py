"""What of a photo is indexed by word, and in which field."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crispd.store.metadata_columns import BESIDE, packed_place, unpacked_list, unpacked_place
from crispd.store.reading.metadata_index_reads import either
from crispd.store.schema import WORD_FIELDS, content_text, contents, photos, roots
from crispd.store.words.printed_numbers import printed_numbers
from crispd.store.words.text_lines import unpacked_lines
from crispd.store.words.tokens import document, words_of, words_of_name
from crispd.types import GeoPosition, PhotoState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crispd.types import PlaceNames, PlaceResolver

# Raised when documents are made in another way, so that they are made anew.
WORDS_VERSION = 4
# Characters of the words of a field: those of most photos are far below.
_MOST = {"description": 800, "keyword": 600, "person": 400, "text": 4000}
_MOST_OTHERWISE = 250
# None begins within a word: of a long one, each letter would be tried.
DIVIDED = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-\n([^\W\d_]+)")
STREET = re.compile(r"(?<!\w)([^\W\d_]{3,}str)\.")
SPACED_OUT = re.compile(r"(?<!\w)(?:[^\W\d_] ){2,}[^\W\d_](?!\w)")  # "A L D I"

sources = (
    select(
        photos.c.id,
        roots.c.path.label("root_path"),
        photos.c.path,
        contents.c.camera,
        contents.c.lens,
        content_text.c.lines,
        *(either(name) for name in BESIDE),
    )
    .join(roots, roots.c.id == photos.c.root_id)
    .join(contents, contents.c.content_hash == photos.c.content_hash)
    .join(content_text, content_text.c.content_hash == photos.c.content_hash, isouter=True)
    .where(func.likely(photos.c.state == PhotoState.READY))
)


def document_of(row: Any, resolver: PlaceResolver | None) -> dict[str, str | None]:
    """Words by field of a row of ``sources``, and the names of its place."""
    own = unpacked_place(row.location)
    place = resolver.resolve(own, _position(row)) if resolver else own
    made = dict(zip(WORD_FIELDS, _fields(row, own, place), strict=True))
    words = {name: document(each, _MOST.get(name, _MOST_OTHERWISE)) for name, each in made.items()}
    return {**words, "place_names": packed_place(place)}


def _fields(row: Any, own: PlaceNames | None, place: PlaceNames | None) -> Sequence[Iterable[str]]:
    folder, _, name = os.fsdecode(row.path).rpartition("/")
    root = os.fsdecode(row.root_path).rstrip("/").rpartition("/")[2]
    folders = " ".join([*reversed(folder.split("/")), root])
    keywords = unpacked_list(row.keywords)
    return (
        words_of_name(name),
        _words_of_shared_name(folders),
        words_of(row.title or ""),
        words_of(row.description or ""),
        words_of(" ".join([*keywords, *unpacked_list(row.keyword_paths)])),
        words_of(" ".join(unpacked_list(row.people))),
        words_of(" ".join([*_names(own), *_names(place)])),
        _words_of_shared_name(" ".join(filter(None, (row.camera, row.lens)))),
        words_shown(row.lines or b""),
    )


def words_shown(lines: bytes) -> Iterator[str]:
    """Of text in the photo."""
    return words_of_lines([line.text for line in unpacked_lines(lines)])


def words_of_lines(lines: Iterable[str]) -> Iterator[str]:
    """What a hyphen divides at the end of a line is also one word, as are what is set with spaces
    between its letters, a number, and a street that is shortened.
    """
    text = "\n".join(lines)
    yield from words_of(text)
    yield from printed_numbers(text)
    for first, rest in DIVIDED.findall(text):
        yield from words_of(first + rest)
    for letters in SPACED_OUT.findall(text):
        yield from words_of(letters.replace(" ", ""))
    for street in STREET.findall(text):
        yield from words_of(f"{street}asse")


@lru_cache(maxsize=1024)
def _words_of_shared_name(text: str) -> tuple[str, ...]:
    """Of what many photos have in common: folders and cameras."""
    return tuple(words_of_name(text))


def _position(row: Any) -> GeoPosition | None:
    if row.latitude is None or row.longitude is None:
        return None
    return GeoPosition(row.latitude, row.longitude)


def _names(place: PlaceNames | None) -> tuple[str, ...]:
    return place.all() if place else ()
