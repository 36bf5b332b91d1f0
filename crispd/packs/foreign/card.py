"""What a model card says for programs: languages and licence, in the front matter of README.md.

https://huggingface.co/docs/hub/model-cards: YAML between lines of three dashes. Only lists and
words are read, which is all that these two keys have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST = 2**20
_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z]+)*")
_MANY = "*"


def read_card(path: Path) -> tuple[tuple[str, ...], str]:
    """(languages, licence), each empty where the card does not say; ``*``: many languages."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return (), ""
    if not text.startswith("---"):
        return (), ""
    lines = text.split("\n---", 1)[0].splitlines()[1:]
    said = [word.lower() for word in _values(lines, "language")]
    many = any(word in {"multilingual", "multi"} for word in said)
    codes = [word for word in said if _CODE.fullmatch(word)]
    licence = next(_values(lines, "license_name"), "") or next(_values(lines, "license"), "")
    return tuple(dict.fromkeys([*codes, *[_MANY] * many])), licence[:200]


def _values(lines: list[str], key: str) -> Iterator[str]:
    inside = False
    for line in lines:
        if line.startswith(f"{key}:"):
            value = line.partition(":")[2].strip()
            inside = not value
            yield from _words(value)
        elif inside and line.lstrip().startswith("- "):
            yield from _words(line.lstrip()[2:])
        elif line.strip() and not line.startswith((" ", "-")):
            inside = False


def _words(value: str) -> list[str]:
    plain = value.split(" #")[0].strip().strip("[]")
    return [word.strip().strip("'\"") for word in plain.split(",") if word.strip()]
