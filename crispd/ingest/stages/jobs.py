"""Jobs and changes: the values that pass between ingest stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crispd.errors import PhotoError
    from crispd.types import (
        CaptureKey,
        DecodedPhoto,
        EncodedPhoto,
        FileStamp,
        IndexingProblem,
        PhotoMetadata,
        Root,
        Sidecar,
    )


@dataclass(frozen=True, slots=True)
class Job:
    """A path to check; ``again``: even if the file has not changed."""

    root: Root
    path: str
    again: bool = False

    @property
    def full_path(self) -> str:
        """Absolute."""
        return f"{self.root.path}/{self.path}"


@dataclass(frozen=True, slots=True)
class HashedJob:
    """A job whose content is known by its hash, with the stamp it had while it was read.

    ``sidecar``: what XMP files beside it say.
    """

    job: Job
    stamp: FileStamp
    content_hash: str
    sidecar: Sidecar | None = None


@dataclass(frozen=True, slots=True)
class DecodedJob:
    """A job with pixels, waiting for the encoder."""

    hashed: HashedJob
    photo: DecodedPhoto


# What the writer commits, in the order it was put.


@dataclass(frozen=True, slots=True)
class EncodedChange:
    """New content: vectors, metadata and the path that brought it."""

    decoded: DecodedJob
    encoded: EncodedPhoto


@dataclass(frozen=True, slots=True)
class LinkedChange:
    """Content that is known already: only the path is new, or more is read of it now."""

    hashed: HashedJob
    metadata: PhotoMetadata | None = None


@dataclass(frozen=True, slots=True)
class FailedChange:
    """A file that could not be read, and why."""

    job: Job
    stamp: FileStamp | None
    error: PhotoError


@dataclass(frozen=True, slots=True)
class RemovedChange:
    """Paths said to be gone; a path may have been a folder. ``unwanted``: there, but ignored.

    ``confirmed``: somebody has said that they are gone, so an empty folder is no missing drive.
    """

    root: Root
    paths: tuple[str, ...]
    unwanted: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class MovedChange:
    """A file said to have a new path."""

    root: Root
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MovedFolderChange:
    """A folder said to have a new path, with all that is in it."""

    root: Root
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RelocatedChange:
    """Files that a scan met at another path, told by their names and stamps: (old, new)."""

    root: Root
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PairedChange:
    """A RAW that a picture beside it stands for, and what it says of itself."""

    job: Job
    stamp: FileStamp
    capture: CaptureKey


@dataclass(frozen=True, slots=True)
class StampedChange:
    """Files that have not changed and of whose stamps more is known now."""

    root: Root
    stamps: tuple[tuple[str, FileStamp], ...]


Change = (
    PairedChange
    | EncodedChange
    | LinkedChange
    | FailedChange
    | RemovedChange
    | MovedChange
    | MovedFolderChange
    | RelocatedChange
    | StampedChange
)


class Commit(Protocol):
    """Takes changes, to be written together."""

    def __call__(self, *changes: Change) -> None:
        """May wait."""


def retry_of(problems: Iterable[IndexingProblem], roots: Iterable[Root]) -> list[Job]:
    """Jobs that look at failed files again, as far as their folders are still watched."""
    known = {root.path: root for root in roots}
    return [
        Job(known[problem.root_path], problem.path, again=True)
        for problem in problems
        if problem.root_path in known
    ]
