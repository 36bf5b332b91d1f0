"""Places that a sentence goes around: "near Berlin", "près d'Annecy", "poblíž Prahy"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.query.languages.czech_cases import nominatives
from crispd.query.languages.elision import unelided

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from crispd.types import KnownNames, NearPlace

# Not "bei": Regen is a town, and "bei Regen" means in the rain.
_ENGLISH = ("near", "near to", "close to", "not far from", "around")
_GERMAN = ("nahe", "nahe bei", "rund um", "in der nähe von", "in der nähe")
_FRENCH = (
    "près de", "près du", "près des", "autour de", "autour du", "autour des", "pas loin de",
    "non loin de", "aux environs de", "aux alentours de",
)  # fmt: skip
_CZECH = frozenset({
    "u", "poblíž", "nedaleko", "nedaleko od", "blízko", "v blízkosti", "v okolí", "kolem", "okolo",
})  # fmt: skip
_LEADS = sorted(
    (tuple(lead.split()) for lead in (*_ENGLISH, *_GERMAN, *_FRENCH, *_CZECH)),
    key=len,
    reverse=True,
)
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
        lead = next((lead for lead in _LEADS if _leads(tidy, at, lead)), ())
        found = _named(words, at, at + len(lead), stops, names) if lead else None
        if lead and found is None and _is_elided(tidy, at, lead):
            found = _named(words, at, at + len(lead) - 1, stops, names)
        if found is None and " ".join(lead) in _CZECH:
            found = _named(words, at, at + len(lead), stops, names, nominatives)
        if found is not None:
            yield found
        at = found.behind if found else at + 1


def _leads(tidy: list[str], at: int, lead: tuple[str, ...]) -> bool:
    return tuple(tidy[at : at + len(lead)]) == lead or _is_elided(tidy, at, lead)


def _is_elided(tidy: list[str], at: int, lead: tuple[str, ...]) -> bool:
    """Whether the "de" at its end is that of "d'Annecy"."""
    behind = at + len(lead) - 1
    begins = lead[-1] == "de" and tuple(tidy[at:behind]) == lead[:-1] and behind < len(tidy)
    return begins and tidy[behind].startswith(("d'", "d’"))


def _named(
    words: list[str],
    first: int,
    start: int,
    stops: Collection[int],
    names: KnownNames,
    meant: Callable[[str], Iterable[str]] = lambda name: (name,),
) -> NearPhrase | None:
    """By the longest name that is one; ``meant``: what a name as it is written may mean."""
    end = next((at + 1 for at in range(first, len(words)) if at in stops), len(words))
    for behind in range(min(end, start + _LONGEST_NAME), start, -1):
        for name in meant(unelided(" ".join(words[start:behind]))):
            place = names.around(name)
            if place is not None:
                return NearPhrase(first, behind, place)
    return None
