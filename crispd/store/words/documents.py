"""What of a photo is indexed by word, and in which field."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crispd.store.metadata_columns import BESIDE, unpacked_list, unpacked_place
from crispd.store.metadata_index_reads import either
from crispd.store.schema import WORD_FIELDS, contents, photos, roots
from crispd.store.words.tokens import document, words_of, words_of_name
from crispd.types import GeoPosition, PhotoState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crispd.types import PlaceResolver

# Raised when documents are made in another way, so that they are made anew.
WORDS_VERSION = 1
# Characters of the words of a field: those of most photos are far below.
_MOST = {"description": 800, "keyword": 600, "person": 400}
_MOST_OTHERWISE = 250

sources = (
    select(
        photos.c.id,
        roots.c.path.label("root_path"),
        photos.c.path,
        contents.c.camera,
        contents.c.lens,
        *(either(name) for name in BESIDE),
    )
    .join(roots, roots.c.id == photos.c.root_id)
    .join(contents, contents.c.content_hash == photos.c.content_hash)
    .where(func.likely(photos.c.state == PhotoState.READY))
)


def document_of(row: Any, resolver: PlaceResolver | None) -> dict[str, str]:
    """Words by field of a row of ``sources``."""
    made = dict(zip(WORD_FIELDS, _fields(row, resolver), strict=True))
    return {name: document(words, _MOST.get(name, _MOST_OTHERWISE)) for name, words in made.items()}


def _fields(row: Any, resolver: PlaceResolver | None) -> Sequence[Iterable[str]]:
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
        words_of(" ".join(_places(row, resolver))),
        _words_of_shared_name(" ".join(filter(None, (row.camera, row.lens)))),
        (),
    )


@lru_cache(maxsize=1024)
def _words_of_shared_name(text: str) -> tuple[str, ...]:
    """Of what many photos have in common: folders and cameras."""
    return tuple(words_of_name(text))


def _places(row: Any, resolver: PlaceResolver | None) -> Iterator[str]:
    """In the photo's own words and in those of the resolver."""
    position = None
    if row.latitude is not None and row.longitude is not None:
        position = GeoPosition(row.latitude, row.longitude)
    own = unpacked_place(row.location)
    for names in (own, resolver.resolve(own, position) if resolver else None):
        if names:
            yield from filter(None, (names.city, names.region, names.country, names.sublocation))
