"""What is fuzzed: bytes go in, and only the errors that are foreseen may come out."""

from __future__ import annotations

import contextlib
import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from crispd.errors import PhotoError, QueryError
from crispd.filters.table import FILTERS
from crispd.images.decode import decode_photo
from crispd.places.name_lookup import GazetteerLookup
from crispd.query.request import SearchRequest, make_query
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.suggest.completions import complete
from crispd.types import DecodedPhoto, DecodeLimits, ImageInput
from tests.images import attacks
from tests.search.fakes import FakeListings, listing

_LIMITS = DecodeLimits(max_pixels=4_000_000, max_bytes=2**22)
_QUESTIONS = (
    "dog on a beach", "last summer -cat", '"birthday cake" after:2019', "folder:2021/07 type:heic",
    "christmas 2021 not snow", "camera:pixel rating:4..5", "between 3 may 2020 and 2021-06-07",
    "before 20:21 has:place", "in the 1990s", "\u200f\U0001f415\0", "31 february", "-" * 40,
    'person:all:anna,"ben" -who:', "place:Lissabon,US city:Paris, Texas", "name:IMG_1061 text:due",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """``run`` raises where something is broken; ``seeds`` are inputs to begin with."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def ask(data: bytes) -> None:
    """A question of any text, as the HTTP face gets it, in the box and as each filter. QueryError
    is an answer.
    """
    text = data.decode("utf-8", "surrogateescape")
    filters = [name for name, entry in FILTERS.items() if entry.kind is str]
    for asked in (SearchRequest(q=text), *(SearchRequest.of(**{name: text}) for name in filters)):
        with contextlib.suppress(QueryError):
            query = make_query(asked)
            assert make_query(asked) == query, "the same question is read in two ways"
            _library().select(query.filters)
            _library().places(query.filters)
            _library().near_misses(query.filters)
    for each in complete(text, len(text) // 2, (), _library().facets(), _library().beginning):
        make_query(SearchRequest(q=each.q))


@cache
def _library() -> MetadataIndex:
    lisbon, people = '["Lisbon", "Lisbon", "Portugal", null]', '["Anna Schmidt", "Ben Öz"]'
    photos = [listing(1, path="2021/IMG_1061.jpg", place_names=lisbon, people=people), listing(2)]
    return MetadataIndex(FakeListings(photos), GazetteerLookup())


def take_in(data: bytes) -> None:
    """A file of any bytes. PhotoError is an answer."""
    with warnings.catch_warnings(), contextlib.suppress(PhotoError):
        warnings.simplefilter("ignore")
        taken(data)


def taken(data: bytes) -> DecodedPhoto:
    """As the pipeline decodes a photo. Raises PhotoError."""
    return decode_photo(data, ImageInput(64), _LIMITS, thumbnails=(64,))


def damaged(dice: random.Random, seeds: list[bytes]) -> bytes:
    """A seed with a few bytes changed, cut out, doubled, or taken from another."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(5)
        if kind == 0 and at < len(data):
            data[at] = dice.randrange(256)
        elif kind == 1:
            del data[at : at + dice.randint(1, 16)]
        elif kind == 2:
            data[at:at] = data[at : at + dice.randint(1, 64)]
        elif kind == 3:
            other = dice.choice(seeds)
            begin = dice.randrange(len(other) + 1)
            data[at:at] = other[begin : begin + dice.randint(1, 32)]
        elif at + 4 <= len(data):
            data[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"])
    return bytes(data)


TARGETS = {
    "query": Target(ask, lambda: [text.encode("utf-8") for text in _QUESTIONS]),
    "images": Target(take_in, lambda: list(attacks.seeds().values())),
}
