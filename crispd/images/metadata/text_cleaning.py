"""Cleaning of texts from metadata, for display and storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.types import PlaceNames

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_KEYWORD = 100
_LONGEST_NAME = 100
_MOST_KEYWORDS = 200


def clean_text(value: object) -> str:
    """Printable characters of a text or of bytes, in one line; empty for anything else."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    if value.isprintable():
        return value.strip()
    return "".join(map(_printable, value)).strip()


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""


def keyword_list(values: Iterable[str]) -> list[str]:
    """Cleaned, each once whatever its case, in the order they came."""
    found: dict[str, str] = {}
    for value in values:
        word = clean_text(value)[:_LONGEST_KEYWORD]
        if word and len(found) < _MOST_KEYWORDS:
            found.setdefault(word.casefold(), word)
    return list(found.values())


def camera_name(make: object, model: object) -> str | None:
    """Maker and model, where either is known."""
    maker, name = clean_text(make), clean_text(model)
    # "Canon" and "Canon EOS 90D": the maker's name is often in the model's already
    named = name if name.lower().startswith(maker.lower()) else f"{maker} {name}"
    return named.strip()[:_LONGEST_NAME] or None


def place_names(city: str, region: str, country: str, sublocation: str) -> PlaceNames:
    """Cleaned; what is empty is not known."""
    return PlaceNames(
        *(clean_text(name)[:_LONGEST_NAME] or None for name in (city, region, country, sublocation))
    )


def lens_name(value: object) -> str | None:
    """The lens as the camera names it."""
    return clean_text(value)[:_LONGEST_NAME] or None
