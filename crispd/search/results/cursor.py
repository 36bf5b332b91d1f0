"""Cursors: how far a reader has come in a ranking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has come: ``index`` of a label in the ranking, and of its photos, copies of
    one content in the order of their rows, those up to ``row`` were shown.
    """

    index: int = 0
    row: int = 0
