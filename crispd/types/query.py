"""A question: its words and what it asks for besides."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types.photo import EncodedPhoto

Sort = Literal["relevance", "newest", "oldest", "distance"]
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
class Bounds:
    """A part of a map, in degrees; with ``west`` greater than ``east`` it holds the date line."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a position lies in it, or on its edge."""
        if self.west <= self.east:
            inside = self.west <= longitude <= self.east
        else:
            inside = longitude >= self.west or longitude <= self.east
        return inside and self.south <= latitude <= self.north


@dataclass(frozen=True, slots=True)
class NameChoice:
    """Names of cameras, people or places: a photo has any of them, with ``every`` all."""

    names: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class NearPlace:
    """A circle with the ``name`` of the place that it goes around, for people."""

    near: Near
    name: str


class KnownNames(Protocol):
    """Names that only a library or a gazetteer knows. Raises StorageError."""

    def has(self, condition: Condition) -> bool:
        """Whether each value of a filter lets a photo of the library through."""

    def around(self, name: str) -> NearPlace | None:
        """What "near" a place means; None where ``name`` is none, or a word like any other."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter (``crispd.filters.table`` has them by ``name``) with its values, at least one.

    ``negated``: photos that any value lets through are left out.
    """

    name: str
    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """Which photos may be found at all: those that fulfil every condition; none leaves them all."""

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, **values: Any) -> Filters:
        """By names, several values as a tuple: ``Filters.of(rating=4, not_type=("gif",))``."""
        return cls(
            tuple(
                Condition(
                    name.removeprefix("not_"),
                    value if isinstance(value, tuple) else (value,),
                    name.startswith("not_"),
                )
                for name, value in values.items()
                if value is not None and value != ()
            )
        )

    def values(self, name: str, *, negated: bool = False) -> tuple[Any, ...]:
        """Of a filter; () where it is not given."""
        for condition in self.conditions:
            if (condition.name, condition.negated) == (name, negated):
                return condition.values
        return ()

    def value(self, name: str) -> Any:
        """Of a filter that has one; None where it is not given."""
        return next(iter(self.values(name)), None)


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A part of a question that is more than a word to search for.

    ``written``: ``q[start:end]``, in characters. Cut out of the question, the question means the
    same without this part. ``field``: what a filter is called (see ``crispd.filters``), else date,
    size, without or like; with ``negated``, photos of which it holds are left out. ``meant``: the
    value for people, as "2021-06-01 to 2021-08-31"; ``values``: the same by the names that filters
    have for programs (``values_name``), with ``all`` where all of several names are asked for;
    none for ``without`` and ``like``.
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

    ``words`` are what is searched for, ``without`` what photos shall not show; ``days``: a feast
    with its time, which the filters hold; ``more`` and ``less``: ids of photos to add and to take
    away; ``picture``: one that somebody sent. With none of them the filters alone choose.
    ``printed``: instead of ``filters``, for photos in which the day that is asked for stands.
    ``beside``: of the filters those that do not stand in the text; None: all. ``spelling``: slips
    of the finger are put right. ``closest``: where nothing may be it, show what comes nearest.
    ``cursor``: go on from there; the rest may then be left out.
    ``sort``: None for what suits the question. ``group``: one of photos that are nearly the same.
    ``language``: of whoever asks, as ``de``, for words that several languages have; "": not known.
    """

    text: str
    limit: int = 30
    rerank: bool = True
    spelling: bool = True
    words: str = ""
    without: tuple[str, ...] = ()
    days: str = ""
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    picture: EncodedPhoto | None = None
    filters: Filters = field(default_factory=Filters)
    printed: Filters | None = None
    beside: Filters | None = None
    sort: Sort | None = None
    min_relevance: MinRelevance | None = None
    group: Group | None = None
    closest: bool = True
    cursor: str | None = None
    interpreted: tuple[Interpretation, ...] = ()
    notes: tuple[str, ...] = ()
    language: str = ""
