"""Emoji as words, by their names in Unicode: a phone offers them as one types."""

from __future__ import annotations

import re
import unicodedata

# How a picture is drawn, not what it shows.
_MANNER = re.compile(r"\b(face|symbol|sign|with|black|white|heavy|extraterrestrial|emoji)\b")
# Joiners, variants and tones of skin belong to the picture before them.
_JOINED = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_FIRST = "\u2190"  # before them: degrees, rights and marks of trade


def spell_out(words: str) -> str:
    """``words`` with the name of each picture in its place: "🐶 🏖️" is "dog beach umbrella"."""
    if words.isascii():
        return words
    parts = [_name(each) if _is_picture(each) else each for each in _JOINED.sub("", words)]
    return " ".join("".join(parts).split()) or words


def _is_picture(character: str) -> bool:
    return character >= _FIRST and unicodedata.category(character) == "So"


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    if name.startswith("regional indicator"):  # half of a flag
        return " "
    return f" {_MANNER.sub(' ', name)} "
