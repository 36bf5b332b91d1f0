"""What pages say that are made here, in the reader's language: out of the page's own strings."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from crispd.api.state import ShellDep
from crispd.errors import CrispdError, outcome_of
from crispd.types import Note, displayable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FILE = re.compile(r"strings\.(\w+)\.js")
# One string a line, or its forms between braces: all that files of strings are made of.
_LINE = re.compile(r'^  (\w+): (?:("(?:[^"\\]|\\.)*")|\{ (.+) \}),$', re.MULTILINE)
_FORM = re.compile(r'(\w+): ("(?:[^"\\]|\\.)*")')
_VALUE = re.compile(r"\{(\w+)\}")
_OTHERWISE = "en"


class Words:
    """Strings of one language, as HTML: ``words("photos", n=3)``.

    A number chooses among forms as English and German do; what has more forms gets ``other``.
    """

    def __init__(self, tag: str, strings: Mapping[str, Mapping[str, str]]) -> None:
        self.tag = tag
        self._strings = strings

    def __call__(self, key: str, **values: object) -> str:
        forms = self._strings[key]
        text = forms.get("one" if values.get("n") == 1 else "other", forms["other"])
        return _VALUE.sub(lambda found: str(values.get(found[1], "")), escape(text))

    def of_note(self, sentence: str) -> str:
        """What the service says, where its code is known; its own English otherwise."""
        key = f"note_{sentence.code}" if isinstance(sentence, Note) else ""
        if key not in self._strings:
            return escape(displayable(sentence))
        assert isinstance(sentence, Note)
        values = {name: escape(str(value)) for name, value in sentence.values.items()}
        return self(key, **values)

    def of_error(self, error: CrispdError) -> str:
        """Why something failed. English says it all; other languages what kind it is."""
        key = f"failed_{outcome_of(error).status}"
        if self.tag == _OTHERWISE or key not in self._strings:
            return escape(displayable(str(error)))
        return self(key)


def chosen(accepted: str, known: Iterable[str]) -> str:
    """The best language of an ``Accept-Language`` that is known."""
    wanted = []
    for part in accepted.lower().split(","):
        tag, _, rest = part.strip().partition(";")
        found = re.fullmatch(r"\s*q=(\d(?:\.\d+)?)\s*", rest)
        wanted.append((float(found[1]) if found else 1.0, tag.partition("-")[0]))
    there = set(known)
    ordered = sorted(wanted, key=lambda one: -one[0])
    return next((tag for weight, tag in ordered if weight and tag in there), _OTHERWISE)


@lru_cache(maxsize=16)
def read_strings(text: str) -> dict[str, dict[str, str]]:
    """Keys of a file of strings to their forms; one that has none is ``other``."""
    found = {}
    for key, alone, forms in _LINE.findall(text):
        some = [("other", alone)] if alone else _FORM.findall(forms)
        found[key] = {name: str(json.loads(quoted)) for name, quoted in some}
    return found


def _words(request: Request, shell: ShellDep) -> Words:
    assets = shell.edition().assets
    files = {found[1]: name for name in assets if (found := _FILE.fullmatch(name))}
    tag = chosen(request.headers.get("accept-language", ""), files)
    return Words(tag, read_strings(assets[files[tag]].data.decode()))


WordsDep = Annotated[Words, Depends(_words)]
