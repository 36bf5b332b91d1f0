"""Notes to people that programs can translate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Note(str):
    """A sentence in English; ``code`` and ``values`` say the same to a program.

    A string, so that whoever only shows it needs to know nothing else. Two notes are the same
    when their sentences are.
    """

    __slots__ = ("code", "values")

    code: str
    values: Mapping[str, object]

    def __new__(cls, sentence: str, code: str, **values: object) -> Note:
        note = super().__new__(cls, sentence)
        note.code, note.values = code, values
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, object]]:
        """How it is copied, as ``dataclasses.asdict`` does with everything."""
        return (str(self), self.code), dict(self.values)


def code_of(sentence: str | None) -> str | None:
    """The code of a sentence; None where it has none."""
    return sentence.code if isinstance(sentence, Note) else None
