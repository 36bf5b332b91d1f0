"""What is asked, and which captioned photos are of it: ``concepts.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.common.captioned import Captioned

_FILE = Path(__file__).parent / "concepts.toml"
_LANGUAGES = Path(__file__).parent / "concepts_languages.tsv"
_T = TypeVar("_T")
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. ``right`` bool [N]: the photos whose captions tell of it. ``seen`` by the fit.
    ``spoken``: by whom, where that is told.
    """

    text: str
    kind: str
    right: Flags
    seen: bool
    spoken: str = ""


def asked(photos: Captioned) -> list[Asked]:
    """Every query of the list over a set of photos: things, things together, and what never is."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    things = {name: _told(photos, words) for name, words in table["things"].items()}
    found = [Asked(name, "thing", right, at % 2 == 0) for at, (name, right) in _numbered(things)]
    for at, (text, rule) in _numbered(table["together"]):
        found.append(Asked(text, "together", _joined(rule, things), at % 2 == 0))
    nothing = np.zeros(len(photos.captions), bool)
    for at, text in enumerate(table["never"]["queries"]):
        found.append(Asked(text, "never", nothing, at % 2 == 0))
    return found


def translated(queries: Sequence[Asked], language: str) -> list[Asked]:
    """Those that have a translation, which is our own, as somebody asks whose language is told."""
    head, *lines = (
        line.split("\t") for line in _LANGUAGES.read_text(encoding="utf-8").splitlines()
    )
    place = head.index(language)
    known = {line[0]: line[place] for line in lines}
    return [
        replace(query, text=known[query.text], spoken=language)
        for query in queries
        if query.text in known
    ]


def _numbered(table: dict[str, _T]) -> list[tuple[int, tuple[str, _T]]]:
    return list(enumerate(table.items()))


def _told(photos: Captioned, words: str) -> Flags:
    either = "|".join(re.escape(word.replace("_", " ")) for word in words.split())
    pattern = re.compile(rf"(?<![a-z])(?:{either})(?![a-z])")
    told = [any(pattern.search(text.lower()) for text in texts) for texts in photos.captions]
    return np.array(told, bool)


def _joined(rule: str, things: dict[str, Flags]) -> Flags:
    """``a & b, c``: both a and b, or c."""
    parts = [[things[name.strip()] for name in part.split("&")] for part in rule.split(",")]
    return np.logical_or.reduce([np.logical_and.reduce(part) for part in parts])


def words_in(photos: Captioned, unseen: Sequence[str], least: int, most: int) -> list[Asked]:
    """Words of the captions that ``least`` to ``most`` photos are told with, none of ``unseen``."""
    barred = {_stem(word) for text in unseen for word in _words(text)}
    right: dict[str, set[int]] = {}
    forms: dict[str, dict[str, int]] = {}
    for at, texts in enumerate(photos.captions):
        for word in (word for text in texts for word in _words(text)):
            stem = _stem(word)
            if word not in _EMPTY and stem not in barred and len(word) > 2:
                right.setdefault(stem, set()).add(at)
                counts = forms.setdefault(stem, {})
                counts[word] = counts.get(word, 0) + 1
    found = []
    for stem, places in right.items():
        if least <= len(places) <= most:
            flags = np.zeros(len(photos.captions), bool)
            flags[list(places)] = True
            word = max(forms[stem], key=lambda form: forms[stem][form])
            found.append(Asked(word, "word", flags, seen=True))
    return found


def _words(text: str) -> list[str]:
    return re.findall("[a-z]+", text.lower())


def _stem(word: str) -> str:
    for end in ("ing", "ers", "er", "es", "s", "ed"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)].rstrip("e")
    return word.rstrip("e")


# Words that nobody asks for, and those for which captions leave out most photos that show it.
_EMPTY_WORDS = """
the in is on with and of are to at while his an through by up down near over as for into from
another some out off looking other its along has plays looks behind it across him their together
that there being beside each something several them side big all who she during does getting
against onto he above taking under day high catch toward towards others away this making takes
nearby going whilst about many inside after gets very or right number like they which past no
have makes make held get full same between be both before few part go way using having but
without doing one two three four five six while wearing holding standing front top back next
around outside outdoors person people middle picture background themselves little small large
long dark her black blue red brown yellow green orange pink purple tan grey gray white man
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
