"""Things that a sentence excludes: "beach without people", "no cars", "not on grass".

::

    exclusion = [ "with" | "and" | … ] ( negator thing { ( "or" | "and" ) thing } | nobody ) ;
    negator   = "without" | "no" | "not" | "ohne" | "kein" … | "nicht" ;
    thing     = { preposition | article } word { word } ;

A thing ends before the next small word, behind a plural, and in German behind the first noun, which
has a capital there. What is no thing ("no parking", "not only", "not looking") stays words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GERMAN = _words("ohne kein keine keinen keinem keiner keines nicht")
_NEGATORS = frozenset({"without", "no", "not"}) | _GERMAN
_NOBODY = {"nobody": "people", "no-one": "people", "niemand": "Menschen", "niemanden": "Menschen"}
_BEFORE = _words("with and but mit und aber")
_ARTICLES = _words(
    "a an the any some der die das dem den des ein eine einen einem einer irgendwelche"
)
_PREPOSITIONS = _words(
    """in on at with of near under inside by from for over behind beside into to
    auf im in am an mit bei unter vor hinter neben über aus von zu"""
)
_JOINED = _words("or nor and oder noch und")
_INSTEAD = frozenset({"but", "sondern"})
_ENDS = (
    _ARTICLES | _PREPOSITIONS | _JOINED | _NEGATORS
    | _INSTEAD | _words("aber that which who is are was were while during")
)  # fmt: skip
# Signs and turns of speech: what stands behind "no" or "not" is nothing to be seen.
_NO_THINGS = _words(
    """parking smoking entry exit one more longer way matter idea problem name filter limits
    only just so very yet even too quite really sure all every everyone always
    far mehr nur so sehr ganz immer alle jeder viel"""
)
_ENDS_IN_ING = _words(
    "building clothing painting drawing ceiling railing string spring lightning wedding king ring "
    "wing swing lighting writing sibling duckling"
)
_PLURALS = _words("people children men women kids menschen leute kinder personen")
# What "not" belongs to in whole sentences, as captions are: "that is not on the boat".
_VERBS = _words("is are was were be do does did can could has have ist sind war waren")
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
        at = start + (self._word(start) in _BEFORE and start not in self._stops)
        nobody = _NOBODY.get(self._word(at)) or self._no_one(at)
        if nobody:
            return Exclusion(start, at + 1 + (self._word(at) == "no"), (), nobody)
        if self._word(at) not in _NEGATORS or at in self._stops or self._word(at - 1) in _VERBS:
            return None
        german = self._word(at) in _GERMAN
        things = []
        thing = self._thing(at + 1, german)
        while thing is not None:
            things.append(thing)
            joins = thing[1] - 1 not in self._stops and self._word(thing[1]) in _JOINED
            follows = joins and self._word(thing[1] + 1) not in _ENDS
            thing = self._thing(thing[1] + 1, german) if follows else None
        if not things:
            return None
        behind = things[-1][1]
        instead = behind - 1 not in self._stops and self._word(behind) in _INSTEAD
        return Exclusion(start, behind + instead, tuple(things))

    def _no_one(self, at: int) -> str:
        return "people" if (self._word(at), self._word(at + 1)) == ("no", "one") else ""

    def _word(self, at: int) -> str:
        return self._tidy[at] if 0 <= at < len(self._tidy) else ""

    def _thing(self, at: int, german: bool) -> tuple[int, int] | None:
        while self._word(at) in _PREPOSITIONS | _ARTICLES and at not in self._stops:
            at += 1
        if not self._is_thing(at):
            return None
        end = at
        while end < at + _LONGEST and self._continues(end):
            end += 1
            if end - 1 in self._stops or self._closes(end - 1, german):
                break
        return at, end

    def _is_thing(self, at: int) -> bool:
        word = self._word(at)
        return self._continues(at) and word not in _NO_THINGS

    def _continues(self, at: int) -> bool:
        word = self._word(at)
        is_verb = word.endswith("ing") and word not in _ENDS_IN_ING
        return word[:1].isalpha() and word not in _ENDS and not is_verb

    def _closes(self, at: int, german: bool) -> bool:
        word = self._word(at)
        if german:
            return word in _PLURALS or self._words[at][:1].isupper()
        return word in _PLURALS or (word.endswith("s") and not word.endswith(("ss", "us", "is")))
