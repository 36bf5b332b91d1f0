"""What a question was understood as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from crispd.types.query import Filters

Hemisphere = Literal["north", "south"]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A part of a question that is more than a word to search for.

    ``written``: ``q[start:end]``, in characters. Cut out of the question, the question means the
    same without this part. ``field``: after, before, date, folder, type, camera, near, has,
    orientation, rating, keyword, size, without or like; with ``negated``, photos of which it holds
    are left out. ``meant``: the value for people, as "2021-06-01 to 2021-08-31".
    """

    written: str
    start: int
    end: int
    field: str
    meant: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question in its parts.

    ``words``: what goes to the text encoder, without quotes; may be empty. ``without``: what
    photos shall not show. ``more``, ``less``: ids of photos to add and to take away.
    ``interpreted``: in the order of the question, not overlapping. ``notes``: sentences about what
    looked like a filter, was not understood and is searched for as words.
    """

    words: str
    without: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    interpreted: tuple[Interpretation, ...] = ()
    notes: tuple[str, ...] = ()
