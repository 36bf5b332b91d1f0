"""What a question was understood as."""

from __future__ import annotations

from dataclasses import dataclass, field

from crispd.types import Filters, Interpretation
from crispd.types.query import Hemisphere

__all__ = ["Hemisphere", "ParsedQuery"]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A question in its parts.

    ``words``: what goes to the text encoder, without quotes; may be empty. ``without``: what photos
    shall not show. ``days``: a feast with its time, as in "christmas 2021". ``printed``: instead of
    ``filters``, for photos in which the day of the question stands. ``more``, ``less``: ids of
    photos to add and to take away. ``interpreted``: in the order of the question, not overlapping.
    ``notes``: sentences about what looked like a filter, was not understood and is searched for as
    words.
    """

    words: str
    without: tuple[str, ...] = ()
    days: str = ""
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    printed: Filters | None = None
    interpreted: tuple[Interpretation, ...] = ()
    notes: tuple[str, ...] = ()
