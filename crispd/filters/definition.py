"""What an entry of the table says of a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from crispd.filters.merging import collected

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crispd.filters.merging import Merge
    from crispd.types import Condition, NameChoice

    # Arrays of numpy, [places]: numbers of some kind, and bools. What an operator makes of a column
    # whose kind is not known has no type of its own.
    Column = Any
    Mask = Any

NO_RATING = 0
UNKNOWN_TIME = -(2**63)  # int64's least


class TimeReader(Protocol):
    """Reads times in words; knows today, and whose seasons are meant."""

    def period(self, text: str) -> tuple[datetime | None, datetime | None]:
        """Start and end (exclusive), None where it is open. Raises QueryError."""

    def describe(self, start: datetime | None, end: datetime | None) -> str:
        """For people."""

    def month(self, text: str) -> int | None:
        """1 to 12 where ``text`` is the name of a month and nothing else."""

    def month_name(self, number: int) -> str:
        """For people."""


class PhotoColumns(Protocol):
    """What a test of photos may look at."""

    def column(self, name: str) -> Column:
        """Numbers: ``seconds`` of local time since 1970 or UNKNOWN_TIME, ``latitude`` and
        ``longitude`` in degrees or NaN, ``rating`` or NO_RATING, ``width``, ``height``,
        ``colourfulness`` or -1.
        """

    def where(self, name: str, holds: Callable[[Any], bool]) -> Mask:
        """Photos of whose ``type``, ``camera`` (a name or None), ``keywords`` (case folded),
        ``people`` (names) or ``name`` (of the file, folded) ``holds`` is true; but for ``name`` it
        is asked once a distinct value.
        """

    def in_folder(self, path: str) -> Mask:
        """Photos of the subtree that ``path`` names."""

    def in_places(self, places: NameChoice) -> Mask:
        """Photos of cities, regions and countries, whose names may be of any language."""

    def with_words(self, field: str, text: str) -> Mask:
        """Photos that have all words of a text in a field of the word index."""

    def with_any_word(self, field: str) -> Mask:
        """Photos that have words in a field of the word index."""


@dataclass(frozen=True, slots=True)
class Filter:
    """An entry. What is left out has no part of it.

    ``name``: of the parameter and of the option. ``description``: for OpenAPI, with ``examples``;
    ``help``: for ``crispd search --help``. ``kind``: of a parameter; numbers from ``least`` to
    ``most``, one of the ``choices``. ``commas``: a parameter has several with commas between.

    ``column``: whose values it names; for a value that no photo has the nearest one is offered, and
    one of several words needs no quotes where a photo has it.

    ``test``: the photos that one value lets through. ``several``: the filter has several values, of
    which all or any have to let a photo through. ``negatable``: a minus in ``q`` leaves out photos
    that any value lets through; with ``opposite``, it means that filter instead.

    ``operators``: its names in ``q``, with spaces between. ``field``: what ``interpreted[].field``
    calls it, else ``name``; ``values_name``: what ``interpreted[].values`` does. ``words``: how
    many words its value may have without quotes, where it is clear where it ends. ``read``: a value
    and the same for people, or QueryError with what is expected. Numbers are read of ``q`` alone.

    ``merge``: values that hold what both ask for, those of ``q`` and those beside it; ``again``:
    the same where one stands twice in ``q``.
    """

    name: str
    description: str
    test: Callable[[PhotoColumns, Any], Mask]
    read: Callable[[str, TimeReader], tuple[Any, str]]
    help: str = ""
    examples: tuple[str | float, ...] = ()
    kind: type[str | int | float] = str
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    commas: bool = False
    several: Literal["all", "any"] | None = None
    column: str = ""
    negatable: bool = False
    opposite: str | None = None
    operators: str = ""
    field: str = ""
    values_name: str = ""
    words: int = 0
    merge: Merge = collected
    again: Merge | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the value of an operator means; ``meant``: for people. ``field``: the operator's, where
    it is empty.
    """

    conditions: tuple[Condition, ...]
    meant: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """A name before a colon in ``q``; see ``Filter`` for ``field`` and ``words``. ``named``: words
    without quotes are one value where the library has it.
    """

    field: str
    read: Callable[[str, TimeReader], Reading]
    words: int = 0
    negatable: bool = False
    named: bool = False
