"""Displayable text: file names made safe for terminals and logs."""

from __future__ import annotations

import unicodedata

# Control characters drive a terminal and begin lines. Of the format characters some turn the order
# of what stands around them (bidirectional overrides, UAX 9), others cannot be seen at all; line
# and paragraph separators begin lines; surrogates and unassigned ones show as anything.
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


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
