"""What a library has to offer to somebody who does not know yet what to ask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """A value that a filter takes, and how many photos it lets through."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Values of filters, those of most photos first; years the latest first.

    ``folders`` are paths below a root, counted with what lies below them.
    """

    types: tuple[Counted, ...] = ()
    cameras: tuple[Counted, ...] = ()
    years: tuple[Counted, ...] = ()
    folders: tuple[Counted, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """``words`` find something here, the surest first; ``complete``: all have been tried."""

    facets: Facets
    words: tuple[str, ...] = ()
    complete: bool = True
