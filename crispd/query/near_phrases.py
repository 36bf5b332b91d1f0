"""Places that a sentence goes around: "near Berlin", "around Lisbon", "in der Nähe von Berlin"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crispd.types import KnownNames, NearPlace

# Not "bei": Regen is a town, and "bei Regen" means in the rain.
_LEADS = sorted(
    (
        tuple(lead.split())
        for lead in (
            "near", "near to", "close to", "not far from", "around",
            "nahe", "nahe bei", "rund um", "in der nähe von", "in der nähe",
        )
    ),
    key=len,
    reverse=True,
)  # fmt: skip
_LONGEST_NAME = 4  # words


@dataclass(frozen=True, slots=True)
class NearPhrase:
    """The words ``first`` to ``behind`` (exclusive) mean around ``place``."""

    first: int
    behind: int
    place: NearPlace


def find_near_phrases(
    words: list[str], tidy: list[str], stops: Collection[int], names: KnownNames
) -> Iterator[NearPhrase]:
    """Those of words that follow one another, in order. ``words``: without marks; ``tidy``: also in
    lower case; ``stops``: those with a comma or the like behind them.
    """
    at = 0
    while at < len(words):
        lead = next((lead for lead in _LEADS if tuple(tidy[at : at + len(lead)]) == lead), ())
        found = _named(words, at, at + len(lead), stops, names) if lead else None
        if found is not None:
            yield found
        at = found.behind if found else at + 1


def _named(
    words: list[str], first: int, start: int, stops: Collection[int], names: KnownNames
) -> NearPhrase | None:
    """By the longest name that is one."""
    end = next((at + 1 for at in range(first, len(words)) if at in stops), len(words))
    for behind in range(min(end, start + _LONGEST_NAME), start, -1):
        place = names.around(" ".join(words[start:behind]))
        if place is not None:
            return NearPhrase(first, behind, place)
    return None
