"""Photos that are nearly the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.types.photos import PhotoRecord


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """``photos``: the best first. ``wasted_bytes``: of all but that one."""

    photos: tuple[PhotoRecord, ...]
    wasted_bytes: int


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """``checked`` of ``total`` contents have been compared; ``complete``: all. ``next``: cursor."""

    groups: tuple[DuplicateGroup, ...]
    complete: bool
    checked: int
    total: int
    next: str | None = None
