"""Cleaning of a text before its tokenizer, as open_clip does it for the model's training.

``basic``: what ``ftfy.fix_text`` and ``html.unescape`` make of text that somebody typed: straight
quotes, no ligatures, letters of usual width, NFC, no control characters. What ftfy is known for,
the repair of text that was decoded wrongly, is left out: no keyboard writes that.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SIGNS: dict[str, str] = (
    {
        **dict.fromkeys("\u02bc\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
        "\ufb05": "ſt", "\ufb06": "st", "\u0132": "IJ", "\u0133": "ij", "\u0149": "'n",
        "\u01f1": "DZ", "\u01f2": "Dz", "\u01f3": "dz", "\u01c4": "DŽ", "\u01c5": "Dž",
        "\u01c6": "dž", "\u01c7": "LJ", "\u01c8": "Lj", "\u01c9": "lj", "\u01ca": "NJ",
        "\u01cb": "Nj", "\u01cc": "nj", "\u3000": " ",
        # full and half width
        **{chr(sign): unicodedata.normalize("NFKC", chr(sign)) for sign in range(0xFF01, 0xFFF0)
           if unicodedata.normalize("NFKC", chr(sign)) != chr(sign)},
    }
)  # fmt: skip
_TYPED = str.maketrans(_SIGNS)
_CONTROL = re.compile(
    "\x1b\\[[0-9;]*[A-Za-z]|[\0-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]"
)
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85]")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def clean(text: str, steps: Sequence[str]) -> str:
    """``text`` after each of ``steps`` in turn: ``basic``, ``whitespace``, ``lower`` or
    ``canonicalize``, which takes away all punctuation of ASCII.
    """
    for step in steps:
        text = _STEPS[step](text)
    return text


def _basic(text: str) -> str:
    # ftfy leaves entities where there is a tag; unescaping follows all the same
    text = html.unescape(html.unescape(text))
    text = _LINE_ENDS.sub("\n", text.translate(_TYPED))
    return html.unescape(unicodedata.normalize("NFC", _CONTROL.sub("", text))).strip()


def _whitespace(text: str) -> str:
    return " ".join(text.split())


def _canonicalize(text: str) -> str:
    return _whitespace(text.replace("_", " ").translate(_PUNCTUATION).lower())


_STEPS: dict[str, Callable[[str], str]] = {
    "basic": _basic, "whitespace": _whitespace, "lower": str.lower, "canonicalize": _canonicalize,
}  # fmt: skip
