"""Suggested words in the languages of the page: ``words.json``, by language and English word."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).parent / "words.json"


@cache
def _every() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def translations(language: str) -> Mapping[str, str]:
    """What English words are called in a language; nothing in one that is not here."""
    return _every().get(language, {})
