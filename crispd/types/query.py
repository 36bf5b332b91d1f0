"""A question: its words and what it asks for besides."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types.photo import EncodedPhoto

Sort = Literal["relevance", "newest", "oldest"]
MinRelevance = Literal["likely", "maybe", "all"]
Group = Literal["duplicates"]
Hemisphere = Literal["north", "south"]


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the earth: degrees, north and east positive, and kilometres."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Filters:
    """Which photos may be found at all; None and () leave them all.

    ``after`` (inclusive) and ``before`` (exclusive) are local wall-clock times as
    ``YYYY-MM-DDTHH:MM:SS``; ``folder`` a path below a root or an absolute path in one, its subtree
    counts. Of ``types`` any has to match, of ``cameras`` (parts of maker and model, whatever their
    case), ``keywords`` (whatever their case) and ``has`` (gps, keywords, rating) all. ``rating``
    and the sizes are at least. A photo is left out where any of the ``not_`` fields holds.
    """

    after: str | None = None
    before: str | None = None
    folder: str | None = None
    types: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    near: Near | None = None
    has: tuple[str, ...] = ()
    orientation: str | None = None
    min_width: int | None = None
    min_height: int | None = None
    min_megapixels: float | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    not_folders: tuple[str, ...] = ()
    not_types: tuple[str, ...] = ()
    not_cameras: tuple[str, ...] = ()
    not_keywords: tuple[str, ...] = ()
    not_has: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A part of a question that is more than a word to search for.

    ``written``: ``q[start:end]``, in characters. Cut out of the question, the question means the
    same without this part. ``field``: after, before, date, folder, type, camera, near, has,
    orientation, rating, keyword, size, without or like; with ``negated``, photos of which it holds
    are left out. ``meant``: the value for people, as "2021-06-01 to 2021-08-31"; ``values``: the
    same in fields of ``Filters``, none for ``without`` and ``like``.
    """

    written: str
    start: int
    end: int
    field: str
    meant: str
    negated: bool = False
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the engine takes it. ``text``: as it was written; ``limit``: 1 to 200.

    ``words`` are what is searched for, ``without`` what photos shall not show; ``more`` and
    ``less``: ids of photos to add and to take away; ``picture``: one that somebody sent. With none
    of them the filters alone choose. ``spelling``: slips of the finger are put right. ``cursor``:
    go on from there; the rest may then be left out. ``sort``: None for what suits the question.
    ``group``: one of photos that are nearly the same.
    """

    text: str
    limit: int = 30
    rerank: bool = True
    spelling: bool = True
    words: str = ""
    without: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    picture: EncodedPhoto | None = None
    filters: Filters = field(default_factory=Filters)
    sort: Sort | None = None
    min_relevance: MinRelevance | None = None
    group: Group | None = None
    cursor: str | None = None
    interpreted: tuple[Interpretation, ...] = ()
    notes: tuple[str, ...] = ()
