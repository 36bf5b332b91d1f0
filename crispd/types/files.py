"""What the file system says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

_MOST_NS = 2**63 - 1


class EventKind(StrEnum):
    """What a watcher says happened to a path."""

    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    FOLDER_MOVED = "folder moved"
    RESCAN = "rescan"


@dataclass(frozen=True, slots=True)
class FileEvent:
    """Something happened under a root. ``path`` and ``moved_to`` are relative to it."""

    kind: EventKind
    root_id: int
    path: str = ""
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells a changed file without reading it: bytes and nanoseconds.

    ``sidecar``: a number of the XMP files beside it, 0 without any; another one where any of them
    has changed.
    """

    size: int
    mtime_ns: int
    sidecar: int = 0

    @classmethod
    def of(cls, status: os.stat_result, sidecar: int = 0) -> FileStamp:
        """Times beyond 2262, as broken clocks make them, stop there: SQLite holds 64 bits."""
        return cls(status.st_size, max(-_MOST_NS, min(status.st_mtime_ns, _MOST_NS)), sidecar)

    @property
    def alone(self) -> FileStamp:
        """Of the file itself, whatever lies beside it."""
        return replace(self, sidecar=0)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A candidate that a walk of a root came upon."""

    path: str
    stamp: FileStamp


@dataclass(frozen=True, slots=True)
class Root:
    """A watched folder. ``path`` is absolute."""

    id: int
    path: str
