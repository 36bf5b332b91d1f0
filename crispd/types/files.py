"""What the file system says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """What tells a changed file without reading it: bytes and nanoseconds."""

    size: int
    mtime_ns: int


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
