"""Things that a sentence excludes: "beach without people", "no cars", "plage sans personnes".

::

    exclusion = [ "with" | "and" | … ] ( negator thing { ( "or" | "and" ) thing } | nobody ) ;
    negator   = "without" | "no" | "not" | "ohne" | "kein" … | "sans" | "pas" … | "bez" … ;
    thing     = { preposition | article } word { word } ;

A thing ends before the next small word, and where its language says: behind an English plural, the
first German noun, which has a capital, a French noun and its colour, the first Czech word that does
not look like an adjective. What is no thing ("no parking", "not only", "not looking") stays words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.query.languages.elision import unelided
from crispd.query.languages.negation_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crispd.query.languages.negation_rules import NegationRules

_ENDS_IN_ING = frozenset(
    """
    building clothing painting drawing ceiling railing string spring lightning wedding king ring
    wing swing lighting writing sibling duckling
    """.split()  # noqa: SIM905 - as the tables beside it
)
_LONGEST = 3


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Words ``first`` to ``behind`` (exclusive) say that photos shall not show ``things``, each
    (first, behind), or ``people`` by a word for nobody.
    """

    first: int
    behind: int
    things: tuple[tuple[int, int], ...]
    people: str = ""


def find_exclusions(
    words: list[str], tidy: list[str], stops: Collection[int]
) -> Iterator[Exclusion]:
    """Those of words that follow one another, in order. ``words``: without marks; ``tidy``: also in
    lower case; ``stops``: those with a comma or the like behind them.
    """
    finder = _ExclusionFinder(words, tidy, stops)
    at = 0
    while at < len(tidy):
        found = finder.exclusion(at)
        if found is not None:
            yield found
        at = found.behind if found else at + 1


@dataclass(frozen=True, slots=True)
class _ExclusionFinder:
    _words: list[str]
    _tidy: list[str]
    _stops: Collection[int]

    def exclusion(self, start: int) -> Exclusion | None:
        """That begins with the word ``start``."""
        for at in (start, start + 1):
            rules = RULES.get(self._word(at))
            if rules is None:
                continue
            led = at > start and (self._word(start) not in rules.before or start in self._stops)
            return None if led else self._excluded(start, at, rules)
        return None

    def _excluded(self, start: int, at: int, rules: NegationRules) -> Exclusion | None:
        """By the negator at ``at``."""
        nobody = rules.nobody.get(self._word(at)) or self._no_one(at)
        if nobody and self._is_sentence(at, rules):
            return None
        if nobody:
            return Exclusion(start, at + 1 + (self._word(at) == "no"), (), nobody)
        if at in self._stops or not self._negates(at, rules):
            return None
        things = []
        thing = self._thing(at + 1, rules)
        while thing is not None:
            things.append(thing)
            joins = thing[1] - 1 not in self._stops and self._word(thing[1]) in rules.joined
            follows = joins and self._word(thing[1] + 1) not in rules.ends
            thing = self._thing(thing[1] + 1, rules) if follows else None
        if not things:
            return None
        behind = things[-1][1]
        instead = behind - 1 not in self._stops and self._word(behind) in rules.instead
        return Exclusion(start, behind + instead, tuple(things))

    def _is_sentence(self, at: int, rules: NegationRules) -> bool:
        """Whether a word for nobody has a verb, as in "nikdo ho neposlouchá"."""
        behind = [self._word(at + 1), self._word(at + 2)]
        begins = rules.doubled_verb
        return bool(begins) and any(
            word.startswith(begins) and len(word) > len(begins) for word in behind
        )

    def _negates(self, at: int, rules: NegationRules) -> bool:
        """Whether a negator is about a thing, and not about the verb of a sentence."""
        if self._word(at - 1) in rules.verbs or self._word(at - 2) in rules.doubled:
            return False
        wanted = rules.only_before.get(self._word(at))
        following = self._word(at + 1)
        if wanted is None:
            return True
        return following in wanted or following != unelided(following)

    def _no_one(self, at: int) -> str:
        return "people" if (self._word(at), self._word(at + 1)) == ("no", "one") else ""

    def _word(self, at: int) -> str:
        return self._tidy[at] if 0 <= at < len(self._tidy) else ""

    def _thing(self, at: int, rules: NegationRules) -> tuple[int, int] | None:
        while self._word(at) in rules.small and at not in self._stops:
            at += 1
        if not self._continues(at, rules) or self._word(at) in rules.no_things:
            return None
        end = at
        while end < at + _LONGEST and self._continues(end, rules):
            end += 1
            closed = rules.closes(self._words[end - 1], self._word(end - 1), self._word(end))
            if end - 1 in self._stops:
                break
            if closed:
                if not self._is_tied(end, rules):
                    break
                end += 1
        return at, end

    def _is_tied(self, at: int, rules: NegationRules) -> bool:
        """Whether the word ``at`` ties another one to a thing: "lunettes de soleil"."""
        follows = at + 1 < len(self._words) and self._words[at + 1][0].islower()
        return self._word(at) in rules.ties and follows and self._continues(at + 1, rules)

    def _continues(self, at: int, rules: NegationRules) -> bool:
        word = self._word(at)
        is_verb = word.endswith("ing") and word not in _ENDS_IN_ING
        return word[:1].isalpha() and word not in rules.ends and not is_verb
