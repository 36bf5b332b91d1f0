"""Why a photo is found by a word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A field of a photo and the words it has, as they were given.

    ``row``: the photo's in SQLite; ``label``: of its embedding. ``rarity``: what these words weigh
    together, the rarer in the library the more (the idf of BM25, in nats). ``whole``: the field has
    the words themselves, not only longer ones with them inside.
    """

    row: int
    label: int
    field: str
    words: tuple[str, ...]
    rarity: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """Why a photo is found: a field of its file and the words of a query that stand in it.

    ``value``: of the field, or the line of text with the words, whose corners are ``box`` as those
    of ``TextLine``. ``distance``: metres from where a filter asks for.
    """

    field: str
    words: tuple[str, ...]
    value: str | None = None
    box: tuple[float, ...] | None = None
    distance: float | None = None
