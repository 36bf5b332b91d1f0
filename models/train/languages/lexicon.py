"""Words of other languages with what they are in English, from bilingual dictionaries.

Training material only: a student reads them, no word of them ships. Dictionaries are FreeDict's in
the format of dictd (Debian: ``dict-freedict-eng-deu``, ``-deu-eng``, ``-eng-fra``, ``-fra-eng``,
``-eng-ces``, ``-ces-eng``), names of emoji Unicode CLDR's (Debian: ``unicode-cldr-core``). What the
classifier's classes are called stands in ``class_names.tsv``, translated by hand.
"""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("de", "fr", "cs")
# Dictionaries, the language beside English, and whether English is what they translate into.
DICTIONARIES = (
    ("eng-deu", "de", False), ("deu-eng", "de", True), ("eng-fra", "fr", False),
    ("fra-eng", "fr", True), ("eng-ces", "cs", False), ("ces-eng", "cs", True),
)  # fmt: skip
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VALUE = {digit: at for at, digit in enumerate(_DIGITS)}
_NOTE = re.compile(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>|\{[^}]*\}|/[^/]*/|\"[^\"]*\"")
_OBJECTS = re.compile(r"\b(sth|sb|jdn|jdm|etw|jemand|jemanden|etwas)\b\.?")
_ASIDE = re.compile(r"\s{2,}|\s*(see:|Note:|Synonym|Antonym)")
_ARTICLE = {
    "en": re.compile(r"^(to|a|an|the) "),
    "de": re.compile(r"^(der|die|das|ein|eine) "),
    "fr": re.compile(r"^(le |la |les |l['’]|un |une )"),
    "cs": re.compile(r"^$"),
}
_MOST = 6  # translations of an entry
_KEPT = 3  # meanings of a word
_LEAST = 0.15  # share of a meaning that is kept
_BASIC = 12  # dictionaries that have a word, of 30, from which it is taught whatever captions have
_OFTEN = 10_000  # times in captions, from which a word is drawn no oftener
# What a word weighs that so many dictionaries have, beside the root of its times in captions.
_MOST_BASIC, _DICTIONARIES, _STEEP = 40.0, 20, 4
_EMOJI = 2.0  # what a picture's name weighs beside a dictionary's first translation


@dataclass(frozen=True, slots=True)
class Pair:
    """A word of a language, and its English meanings with their shares, 1 in sum."""

    language: str
    word: str
    meanings: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How often people may ask for a word: English words by how often captions have them
    (``counts``) and by how many dictionaries do (``basic``: breakfast is in no caption), and the
    names of ``things`` that emoji show, (language, name).
    """

    counts: Mapping[str, int]
    basic: Mapping[str, int]
    things: frozenset[tuple[str, str]]

    @classmethod
    def read(cls, folder: Path, counts: Mapping[str, int]) -> Usage:
        """Of the headwords of all English dictionaries in ``folder``, whatever language is beside
        them.
        """
        basic: Counter[str] = Counter()
        for path in sorted((folder / "dictd").glob("freedict-eng-*.index")):
            basic.update({head.lower() for head, _ in entries(path.with_suffix(""))})
        named = emoji(folder / "annotations")
        return cls(counts, basic, frozenset((code, name.lower()) for code, name, _ in named))

    def known(self, english: str) -> bool:
        """Whether captions or many dictionaries have it."""
        return self.seen(english) > 0 or self.basic.get(english, 0) >= _BASIC

    def seen(self, english: str) -> int:
        """How often captions have the rarest of its words."""
        return min(self.counts.get(word, 0) for word in english.split())

    def often(self, english: str) -> float:
        """A weight: the root of how often captions have it, and what is basic."""
        told = min(self.seen(english), _OFTEN) ** 0.5
        return told + _MOST_BASIC * (self.basic.get(english, 0) / _DICTIONARIES) ** _STEEP


def read_lexicon(folder: Path, usage: Usage) -> list[Pair]:
    """Of every dictionary in ``folder`` (``dictd/`` and ``annotations/`` as Debian lays them out).
    A word means what photos show.
    """
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, language, into_english in DICTIONARIES:
        for head, translations in entries(folder / "dictd" / f"freedict-{name}"):
            for at, other in enumerate(translations[:_MOST]):
                word, english = (head, other) if into_english else (other, head)
                _add(found, language, word, english, 1 / (1 + at))
    for language, word, english in emoji(folder / "annotations"):
        _add(found, language, word, english, _EMOJI)
    pairs = (_pair(*key, meanings, usage) for key, meanings in found.items())
    return [pair for pair in pairs if pair is not None]


def entries(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Headwords and translations of a dictd dictionary, ``PATH.index`` and ``PATH.dict.dz``."""
    text = gzip.decompress(path.with_suffix(".dict.dz").read_bytes())
    seen = set()
    for line in path.with_suffix(".index").read_text(encoding="utf-8").splitlines():
        word, *place = line.split("\t")[:3]
        if word.startswith("00database") or tuple(place) in seen:
            continue
        seen.add(tuple(place))
        start, length = map(_number, place)
        first, *rest = text[start : start + length].decode("utf-8", "replace").split("\n")
        heads = terms(first)
        translations = [
            term for row in rest if row.strip() and not _ASIDE.match(row) for term in terms(row)
        ]
        if heads and translations:
            yield heads[0], translations


def terms(line: str) -> list[str]:
    """The words and short phrases of a line, without notes on grammar and use."""
    plain = _NOTE.sub(" ", re.sub(r"^\s*\d+\.\s*", "", line))
    found = []
    for part in re.split("[,;]", plain):
        term = " ".join(_OBJECTS.sub(" ", part).split()).strip(" .!?-|")
        if term and len(term) < 40 and len(term.split()) <= 4:
            found.append(term)
    return found


def emoji(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Language, name and English name of every emoji that has both."""
    names = {language: _emoji_names(folder / f"{language}.xml") for language in ("en", *LANGUAGES)}
    for picture, english in names["en"].items():
        for language in LANGUAGES:
            name = names[language].get(picture, "")
            if name and "↑" not in name and len(name.split()) <= 4:
                yield language, name.replace(":", ""), english.replace(":", "")


def class_names(path: Path) -> Iterator[tuple[int, str, str]]:
    """Class, language and name of each line of ``class_names.tsv``."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        index, *names = line.split("\t")
        for language, name in zip(LANGUAGES, names, strict=True):
            yield int(index), language, name.lower()


def _emoji_names(path: Path) -> dict[str, str]:
    pattern = r'<annotation cp="([^"]+)" type="tts">([^<]+)<'
    found = re.findall(pattern, path.read_text(encoding="utf-8"))
    return {html.unescape(picture): html.unescape(name) for picture, name in found}


def _add(
    found: dict[tuple[str, str], Counter[str]],
    language: str,
    word: str,
    english: str,
    weight: float,
) -> None:
    word = _ARTICLE[language].sub("", word.lower()).strip()
    english = _ARTICLE["en"].sub("", english.lower()).strip()
    if len(word) > 1 and english:
        found[language, word][english] += weight


def _pair(language: str, word: str, meanings: Counter[str], usage: Usage) -> Pair | None:
    scores = {
        english: weight * (1 + min(usage.seen(english), 50) ** 0.5)
        for english, weight in meanings.items()
    }
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:_KEPT]
    total = sum(score for _, score in best)
    kept = [(english, score / total) for english, score in best if score >= _LEAST * total]
    if not any(usage.known(english) for english, _ in kept):
        return None
    whole = sum(share for _, share in kept)
    return Pair(language, word, tuple((english, share / whole) for english, share in kept))


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        value = value * 64 + _VALUE[digit]
    return value
