"""Findings: what a check returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """``bad``: something does not work; ``warning``: something may not, or soon will not."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: ``what`` was checked, what was ``seen``, what to ``do``; empty if all is well."""

    what: str
    level: Level
    seen: str
    do: str = ""


def plural(number: int, noun: str) -> str:
    """ "1 folder", "2 folders"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def good(what: str, seen: str) -> Finding:
    """All is well."""
    return Finding(what, Level.GOOD, seen)


def warning(what: str, seen: str, do: str) -> Finding:
    """Something may not work, or soon will not."""
    return Finding(what, Level.WARNING, seen, do)


def bad(what: str, seen: str, do: str) -> Finding:
    """Something does not work."""
    return Finding(what, Level.BAD, seen, do)
