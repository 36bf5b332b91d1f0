"""Words that were read wrongly by a letter, or stand inside longer ones, found in a vocabulary.

The vocabulary has each word of the texts in photos once, by its shape: letters that look alike are
one. A word with one slip has its first or its second half whole, so that two ranges of an index
have all that come into question.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import delete, text

from crispd.store.schema import text_vocabulary
from crispd.store.words.tokens import is_unspaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

SAME, INSIDE, SLIP = 0, 1, 2
_LEAST = 4  # letters of a word
_LEAST_SLIP = 5  # of one with a slip, or inside others
_MOST = 40
_LAST = "\U0010ffff"
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "2": "z"})
_PAIRS = re.compile("rn|vv")
_LETTERS = re.compile(r"[^\W\d_]")
_add = text(
    "INSERT OR IGNORE INTO text_vocabulary (shape, word, backwards)"
    " VALUES (:shape, :word, :backwards)"
)
_near = text(
    "SELECT word, shape FROM text_vocabulary WHERE shape >= :begin AND shape < :begin_end AND"
    " (length(shape) BETWEEN :least AND :most OR shape >= :shape AND shape < :shape_end)"
    " UNION SELECT word, shape FROM text_vocabulary"
    " WHERE backwards >= :end AND backwards < :end_end AND"
    " (length(shape) BETWEEN :least AND :most OR"
    " backwards >= :backwards AND backwards < :backwards_end)"
)


def learn(connection: Connection, words: Iterable[str]) -> None:
    """Add words of texts, folded. Words of photos that are gone stay, and find nothing."""
    shapes = {word: shape_of(word) for word in words if _is_word(word)}
    if shapes:
        rows = [
            {"shape": shape, "word": word, "backwards": shape[::-1]}
            for word, shape in shapes.items()
        ]
        connection.execute(_add, rows)


def forget(connection: Connection) -> None:
    """Empty the vocabulary."""
    connection.execute(delete(text_vocabulary))


def alike(
    connection: Connection, word: str, is_known: Callable[[str], bool]
) -> list[tuple[int, str]]:
    """Other words of the vocabulary that a folded ``word`` may have been read as, or is a part of,
    the likeliest first: SAME, INSIDE or SLIP, and the word.

    ``is_known``: words that exist are not misread.
    """
    if not _is_word(word):
        return []
    shape = shape_of(word)
    half = len(shape) // 2
    ranges = {"begin": shape[:half], "end": shape[half:][::-1]}
    ranges |= {"shape": shape, "backwards": shape[::-1]}
    values = ranges | {f"{name}_end": value + _LAST for name, value in ranges.items()}
    lengths = {"least": len(shape) - 1, "most": len(shape) + 1}
    found = []
    for other, its_shape in connection.execute(_near, values | lengths):
        how = likeness(shape, its_shape)
        if how is not None and other != word and _not_another(word, other, is_known):
            found.append((how, other))
    return sorted(found)[:_MOST]


def may_be_misread(word: str, shape: str, other: str, is_known: Callable[[str], bool]) -> bool:
    """Whether ``alike`` finds another word for a word, whose shape is given."""
    return (
        likeness(shape, shape_of(other)) is not None
        and _is_word(word)
        and _is_word(other)
        and _not_another(word, other, is_known)
    )


def _not_another(word: str, other: str, is_known: Callable[[str], bool]) -> bool:
    return other == f"{word}s" or not is_known(other)


def likeness(shape: str, other: str) -> int | None:
    """How the shape of another word is like that of a word: SAME, INSIDE, SLIP; None: it is not."""
    if shape == other:
        return SAME
    if len(shape) < _LEAST_SLIP:
        return None
    if other.startswith(shape) or other.endswith(shape):
        return INSIDE
    return SLIP if _is_slip(shape, other) else None


def shape_of(word: str) -> str:
    """A folded word with letters that look alike as one."""
    return _PAIRS.sub(lambda pair: "m" if pair[0] == "rn" else "w", word.translate(_ALIKE))


def _is_word(word: str) -> bool:
    """Numbers are none: one with another digit is another number."""
    many = len(_LETTERS.findall(word))
    return len(word) >= _LEAST and 2 * many >= len(word) and not is_unspaced(word)


def _is_slip(one: str, other: str) -> bool:
    """Whether one letter less, more or other makes one of the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest = one[at + 1 :] if len(one) == len(other) else one[at:]
    return rest == other[at + 1 :]
