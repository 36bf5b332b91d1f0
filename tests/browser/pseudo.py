"""A language that nobody speaks: English in Hebrew letters, from right to left.

What stays in Latin letters on the page is not among its strings. Longer than English, as most
languages are.
"""

from __future__ import annotations

import json
import re
from typing import Any

_LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
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


def translated_strings(strings: Any) -> Any:
    """Strings, and forms of strings, in that language."""
    if isinstance(strings, dict):
        return {key: translated_strings(value) for key, value in strings.items()}
    return spoken(strings)


def translated(script: str) -> str:
    """The page's script with its English in that language."""
    start = script.index('{"en":', script.index("// languages.js\n"))
    languages, end = json.JSONDecoder().raw_decode(script, start)
    languages["en"] = translated_strings(languages["en"])
    script = script[:start] + json.dumps(languages) + script[end:]
    return script.replace('new Set(["ar"', 'new Set(["en", "ar"', 1)


def speak(page: Any) -> None:
    """Whatever this page loads from now on is in that language."""

    def answer(route: Any) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=translated(response.text()))

    page.route("**/page.js", answer)
