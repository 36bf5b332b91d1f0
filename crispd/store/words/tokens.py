"""Text as the words that are indexed and looked for.

All folding is done here, so that a word is one token for SQLite, whatever its Unicode: FTS5's
``ascii`` tokenizer splits at spaces and takes every character beyond ASCII for part of a word.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 40  # characters of a token
# Scripts that put no spaces between words, and Korean, whose words carry endings: Thai, Lao,
# Burmese, Khmer, kana, Chinese characters, Hangul.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)


def _marks() -> str:
    """Ranges of characters that stand on others, as vowels of Hindi: parts of words as letters."""
    ranges: list[list[int]] = []
    for code in range(0x0483, 0x20000):
        if unicodedata.category(chr(code)) in {"Mn", "Mc"}:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


RUN = re.compile(rf"(?:[^\W_]|[{_marks()}])+")
_SCRIPTS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# "BeachParty2019" -> Beach, Party, 2019; "IMGParty" -> IMG, Party
_PARTS = re.compile(r"\d+|[^\W\d]+?(?=\d|$|(?<=[^\W\dA-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))")


def runs(text: str) -> list[str]:
    """Letters and digits that stand together, as they are written."""
    return RUN.findall(text)


def words_of(text: str) -> Iterator[str]:
    """The tokens of a text: each run, and of scripts without spaces each two characters."""
    for run in RUN.findall(folded(text)):
        yield from _segments(run)


def words_of_name(text: str) -> Iterator[str]:
    """The tokens of a name: its words split at case and digits, and each as a whole."""
    for chunk in text.split():
        found = runs(chunk)
        for run in found:
            parts = name_parts(run)
            for part in parts:
                yield from words_of(part)
            if len(parts) > 1:
                yield from words_of(run)
        if len(found) > 1:
            yield from words_of("".join(found))


def name_parts(run: str) -> list[str]:
    """A run split at case and digits."""
    parts = _PARTS.findall(run)
    return parts if "".join(parts) == run else [run]


def is_unspaced(word: str) -> bool:
    """Whether a token is of a script without spaces."""
    return _IS_UNSPACED.match(word) is not None


def document(words: Iterable[str], most: int) -> str:
    """Each word once with spaces between, at most so many characters."""
    found: dict[str, None] = {}
    length = 0
    for word in words:
        if word not in found:
            length += len(word) + 1
            if length > most:
                break
            found[word] = None
    return " ".join(found)


def _segments(run: str) -> Iterator[str]:
    for segment in _SCRIPTS.findall(run):
        if not _IS_UNSPACED.match(segment):
            yield segment[:LONGEST]
            continue
        for place in range(len(segment)):
            yield segment[place : place + 2]
