"""A language that nobody speaks: English in Hebrew letters, from right to left.

What stays in Latin letters on the page is not among its strings. Longer than English, as most
languages are.
"""

from __future__ import annotations

import re
from typing import Any

_LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_KEPT = re.compile(r"\{\w+\}")


def spoken(text: str) -> str:
    """``{n} photos`` in letters of the other direction, a third longer; places stay."""
    parts = _KEPT.split(text)
    kept = [*_KEPT.findall(text), ""]
    return "".join(map("".join, zip(map(_mirrored, parts), kept, strict=True)))


def _mirrored(text: str) -> str:
    longer = re.sub(r"([A-Za-z]{3})(?=[A-Za-z])", r"\1\1", text)
    return "".join(
        _LETTERS[ord(letter.lower()) % len(_LETTERS)] if letter.isascii() and letter.isalpha()
        else letter
        for letter in longer
    )  # fmt: skip


def translated_strings(text: str) -> str:
    """A file of strings with its strings in that language."""
    return _STRING.sub(lambda found: f'"{spoken(found[1])}"', text)


def translated(script: str) -> str:
    """The page's script with its English in that language."""
    begin = script.index("// strings.en.js")
    end = script.index("\n})();", begin)
    script = script[:begin] + translated_strings(script[begin:end]) + script[end:]
    return script.replace('new Set(["ar"', 'new Set(["en", "ar"', 1)


def speak(page: Any) -> None:
    """Whatever this page loads from now on is in that language."""

    def answer(route: Any) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=translated(response.text()))

    page.route("**/page.js", answer)
