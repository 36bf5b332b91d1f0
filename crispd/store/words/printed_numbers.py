"""Numbers as they are printed and typed: amounts, dates and others are one word each.

``26,43``, ``26.43 €`` and ``26, 43`` are one amount, ``12.3.2021`` and ``2021-03-12`` one day. Such
a word begins with a sign that no word of a text has.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGN = "\u00a4"
_TIME = "t"  # 12:07 is no 12,07
# "1 234,56"; "26,43", "1.234,56", "12:30", "0431/12345", "26, 43"
_NUMBER = re.compile(
    r"(?<![0-9])[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]{1,2})?(?![0-9])"
    r"|(?<![0-9])[0-9]+(?:(?:[.,] ?|[:/'\u2019-])[0-9]+)+"
)
_DATE = re.compile(r"([0-9]{1,4})([./-]) ?([0-9]{1,2})\2 ?([0-9]{2,4})")
_TYPED = re.compile(r"[^0-9]{0,4}([0-9].*[0-9])[^0-9]{0,4}")
_FEWEST = 5  # digits that are a number of something, typed without what parts them
_CENTURY_ENDS = 70  # 69 is 2069, 70 is 1970


def printed_numbers(text: str) -> Iterator[str]:
    """A word for each number of a text whose digits something parts, and for each day it may be."""
    for _, names in numbers_in(text):
        yield from names


def numbers_in(text: str) -> Iterator[tuple[tuple[int, int], tuple[str, ...]]]:
    """The same with where each number stands, where compatible forms are as long as others."""
    for found in _NUMBER.finditer(unicodedata.normalize("NFKC", text)):
        yield found.span(), (_word(found[0]), *_days(found[0]))


def typed_number(word: str) -> tuple[str, ...]:
    """What ``printed_numbers`` makes of a number that somebody types; none of other words."""
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", word))
    if found is None:
        return ()
    number = found[1]
    if number.isdigit():
        return (_word(number),) if len(number) >= _FEWEST else ()
    if not _NUMBER.fullmatch(number):
        return ()
    return tuple(_days(number)) or (_word(number),)


def _word(number: str) -> str:
    digits = re.sub(r"[^0-9]", "", number)
    return f"{_SIGN}{_TIME if ':' in number else ''}{digits}"


def _days(number: str) -> Iterator[str]:
    """Both where day and month cannot be told apart."""
    parts = _DATE.fullmatch(number)
    if parts is None:
        return
    first, middle, last = parts[1], int(parts[3]), parts[4]
    if len(first) == 4 and len(last) == 2:
        orders = [(int(first), middle, int(last))]
    elif len(first) <= 2 and len(last) != 3:
        year = int(last) + (0 if len(last) == 4 else 1900 if int(last) >= _CENTURY_ENDS else 2000)
        orders = [(year, middle, int(first)), (year, int(first), middle)]
    else:
        return
    for year, month, day in dict.fromkeys(orders):
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield f"{_SIGN}{year:04}{month:02}{day:02}"
