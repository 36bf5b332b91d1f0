"""A question cut into signs, names, values, quoted phrases and words. Any text has a reading.

::

    query   = { separator | token } ;
    token   = "NOT" separator token | [ sign ] ( filter | phrase | word ) ;
    filter  = name ":" [ phrase | word ] ;
    phrase  = opening { any character } closing ;
    word    = { any character but a separator } ;
    sign    = "-" | "+" ;
    name    = letter { letter } ;
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# White space; control characters; lone surrogates, which have no UTF-8; marks of direction, which
# keyboards of right-to-left scripts put before signs.
_SEPARATORS = (
    "\\s\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u200b\\u200e\\u200f\\u202a-\\u202e"
    "\\u2060\\u2066-\\u2069\\ufeff"
)
_GAP = re.compile(f"[{_SEPARATORS}]*")
_RUN = re.compile(f"[^{_SEPARATORS}]*")
_NAME = re.compile("([A-Za-z]{1,20})[:：]")
_MINUS = "-−–－"  # as typed, as phones and word processors make of it, full width
_PLUS = "+＋"
# Opening marks and those that may close them.
_QUOTES = {
    '"': '"”“＂', "“": '”"“', "”": '”"', "„": '“”"', "‟": '”"', "«": "»", "»": "«",
    "‹": "›", "›": "‹", "「": "」", "『": "』", "＂": '＂"', "'": "'’", "‘": "’'", "‚": "‘’'",
}  # fmt: skip
_APOSTROPHES = "'‘‚"  # a quote only around whole words: not in "mum's" and "'90s"


@dataclass(frozen=True, slots=True)
class Token:
    """``text``: what is searched for if nothing is understood: no quotes, the rest as typed.

    ``start`` and ``end`` count characters of the question; ``sign`` is "-", "+" or "". Of a filter
    ``name`` is lower case and ``value`` is what follows the colon; of others ``name`` is "" and
    ``value`` is what follows the sign. ``quoted``: the value stood in quotes.
    """

    start: int
    end: int
    text: str
    sign: str = ""
    name: str = ""
    value: str = ""
    quoted: bool = False


def lex(query: str) -> list[Token]:
    """The tokens of ``query``, in time linear in its length."""
    return _Lexer(query).tokens()


def plain(query: str) -> str:
    """``query`` as words alone: nothing understood, quotes and separators dropped."""
    return " ".join(token.text for token in lex(query) if token.text)


class _Lexer:
    def __init__(self, query: str) -> None:
        self._query = query
        # Closing marks that were looked for in vain: none stands further on either.
        self._missing: set[str] = set()

    def tokens(self) -> list[Token]:
        found, at = [], 0
        while (at := self._skip(at)) < len(self._query):
            token = self._token(at)
            found.append(token)
            at = token.end
        return found

    def _skip(self, at: int) -> int:
        gap = _GAP.match(self._query, at)
        return gap.end() if gap else at

    def _token(self, start: int) -> Token:
        sign, at = self._sign(start)
        name, at = self._name(at)
        value, end, quoted = self._value(at)
        whole = self._query[start:end]
        text = self._query[start:at] + value if quoted and (sign or name) else whole
        return Token(start, end, value if quoted and not (sign or name) else text,
                     sign, name.lower(), value, quoted)  # fmt: skip

    def _sign(self, at: int) -> tuple[str, int]:
        following = self._query[at + 1 : at + 2]
        if not following or not (following.isalpha() or following in _QUOTES or following > "⁰"):
            return "", at  # "- people", "-5", "+1", "--"
        if self._query[at] in _MINUS and following not in _MINUS:
            return "-", at + 1
        return ("+", at + 1) if self._query[at] in _PLUS else ("", at)

    def _name(self, at: int) -> tuple[str, int]:
        name = _NAME.match(self._query, at)
        return (name[1], name.end()) if name else ("", at)

    def _value(self, at: int) -> tuple[str, int, bool]:
        """(value, where it ends, whether a quote was there, also one never closed)."""
        opening = self._query[at : at + 1]
        if opening and opening in _QUOTES and not self._is_apostrophe(at):
            close = self._closing(opening, at + 1)
            if close is not None:
                return self._clean(self._query[at + 1 : close]), close + 1, True
            if opening not in _APOSTROPHES:
                end = self._run(at + 1)
                return self._query[at + 1 : end], end, True
        end = self._run(at)
        return self._query[at:end], end, False

    def _run(self, at: int) -> int:
        run = _RUN.match(self._query, at)
        return run.end() if run else at

    def _is_apostrophe(self, at: int) -> bool:
        following = self._query[at + 1 : at + 2]
        return self._query[at] in _APOSTROPHES and not following.isalpha()

    def _closing(self, opening: str, at: int) -> int | None:
        if opening in self._missing:
            return None
        marks = re.escape(_QUOTES[opening])
        behind = f"(?=[{_SEPARATORS},.;:!?]|\\Z)" if opening in _APOSTROPHES else ""
        found = re.compile(f"[{marks}]{behind}").search(self._query, at)
        if found is None:
            self._missing.add(opening)
        return found.start() if found else None

    def _clean(self, text: str) -> str:
        return " ".join(re.split(f"[{_SEPARATORS}]+", text)).strip()
