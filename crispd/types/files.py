"""Files, as the file system reports them."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Stamps that reveal a changed file without reading it: bytes and nanoseconds.

    ``sidecar``: a number of the XMP files beside it, 0 without any; another one where any of them
    has changed. ``ctime_ns``: when the kernel last saw it change in any way, which no program can
    set back; ``inode``: which file it is, on ``device``. None: not known.
    """

    size: int
    mtime_ns: int
    sidecar: int = 0
    ctime_ns: int | None = None
    inode: int | None = None
    device: int | None = None

    @classmethod
    def of(cls, status: os.stat_result, sidecar: int = 0) -> FileStamp:
        """Times beyond 2262, as broken clocks make them, stop there: SQLite holds 64 bits."""
        return cls(
            status.st_size,
            _within(status.st_mtime_ns),
            sidecar,
            _within(status.st_ctime_ns),
            status.st_ino & _MOST_NS,
            status.st_dev,
        )

    def fits(self, found: FileStamp) -> bool:
        """Whether a file that was known by this stamp is unchanged; what is not known fits."""
        return self.sidecar == found.sidecar and self.alone_fits(found)

    def alone_fits(self, found: FileStamp) -> bool:
        """The same of the file itself, whatever lies beside it."""
        return (
            self.content == found.content
            and self.ctime_ns in {None, found.ctime_ns}
            and self.inode in {None, found.inode}
        )

    @property
    def content(self) -> tuple[int, int]:
        """What a move or a copy of the file leaves as it is: size and time."""
        return self.size, self.mtime_ns


def _within(time_ns: int) -> int:
    return max(-_MOST_NS, min(time_ns, _MOST_NS))


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
