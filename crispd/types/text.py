"""Text as it is shown, safe for terminals and logs, and as it is compared, without accents."""

from __future__ import annotations

import re
import unicodedata

# Control characters drive a terminal and begin lines. Of the format characters some turn the order
# of what stands around them (bidirectional overrides, UAX 9), others cannot be seen at all; line
# and paragraph separators begin lines; surrogates and unassigned ones show as anything.
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_ACCENTS = re.compile("[\u0300-\u036f]+")


def printable(text: str, keep: str = "") -> str:
    """``text`` with every hidden character written as in Python: ``\\x1b``, ``\\u202e``.

    ``keep``: those that the caller put there itself, such as line ends.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign in keep else _written(sign) for sign in text)


def json_printable(text: str) -> str:
    """The same for JSON that is written already: it stays what it says, with escapes of JSON."""
    if text.isprintable():
        return text
    return "".join(sign if sign == "\n" else _in_json(sign) for sign in text)


def _written(sign: str) -> str:
    if unicodedata.category(sign) not in _HIDDEN:
        return sign
    code = ord(sign)
    if code < 0x100:
        return _SHORT.get(sign, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _in_json(sign: str) -> str:
    if unicodedata.category(sign) not in _HIDDEN:
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def folded(text: str) -> str:
    """Without case and accents; compatible forms as one. Accents of other scripts stay."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", apart))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)
