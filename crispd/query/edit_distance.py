"""Words a slip of the finger away, and how unlikely each slip is."""

from __future__ import annotations

from string import ascii_lowercase

# What a slip costs, as a power of ten by which the word meant must be met more often than another.
# Chosen by hand for slips made by dice on captions (benchmarks/finding/spelling.py); none was
# fitted.
_DOUBLED = 0.0  # carrying written carryying
_SWAPPED = 0.0  # brithday
_HALVED = 0.2  # carying
_LOST = 0.3  # birthdy
_BESIDE = 0.3  # the key beside: birthdsy
_VOWEL = 0.5  # seperate
_BESIDE_TOO = 0.6  # the key beside as well: birthdsay
_ADDED = 0.8
_OTHER = 1.0
_FIRST = 1.5  # the first letter is seldom wrong

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiou")


def _touching() -> dict[str, frozenset[str]]:
    """Letters whose keys touch; each row stands half a key to the right of the one above."""
    places = {
        letter: (row, column + row / 2)
        for row, letters in enumerate(_ROWS)
        for column, letter in enumerate(letters)
    }
    return {
        letter: frozenset(
            other
            for other, (row_too, column_too) in places.items()
            if other != letter and abs(row - row_too) <= 1 and abs(column - column_too) <= 1
        )
        for letter, (row, column) in places.items()
    }


_KEYS_BESIDE = _touching()


def adjacent_keys(letter: str) -> frozenset[str]:
    """Letters whose keys touch that of ``letter``; none where it is not a to z."""
    return _KEYS_BESIDE.get(letter, frozenset())


def edits_of(word: str) -> dict[str, float]:
    """Every word that one slip makes of ``word``, a to z, with the cost of the likeliest slip."""
    found: dict[str, float] = {}
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        near = {before[-1:], after[:1]}
        slips = [
            (before + letter + after, _HALVED if letter in near else _LOST)
            for letter in ascii_lowercase
        ]
        if after:
            slips.append((before + after[1:], _added(before[-1:], after[0], after[1:2])))
            slips += [
                (before + letter + after[1:], _changed(after[0], letter))
                for letter in ascii_lowercase
            ]
        if len(after) > 1:
            slips.append((before + after[1] + after[0] + after[2:], _SWAPPED))
        for other, cost in slips:
            cost += _FIRST if other[:1] != word[0] else 0.0
            found[other] = min(cost, found.get(other, cost))
    found.pop(word, None)
    return found


def _added(before: str, letter: str, after: str) -> float:
    """Cost of a letter too many between its neighbours."""
    if letter == before:
        return _DOUBLED
    beside = adjacent_keys(letter)
    return _BESIDE_TOO if before in beside or after in beside else _ADDED


def _changed(written: str, meant: str) -> float:
    if meant in adjacent_keys(written):
        return _BESIDE
    return _VOWEL if {written, meant} <= _VOWELS else _OTHER
