"""Text without what people leave out when they type it."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_ACCENTS = re.compile("[\u0300-\u036f]+")


def folded(text: str) -> str:
    """Without case and accents; compatible forms as one. Accents of other scripts stay."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", apart))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)
