"""A camera RAW and the picture beside it count once: the picture is the photo.

Beside it: in the same folder, of the same name whatever its case, a JPEG or HEIC. Nothing of this
is stored. Who stands for whom is asked of the disk whenever one of them changes, so the RAW takes
over when the picture goes, and when the picture cannot be read.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from crispd.images.formats import is_developed, is_raw
from crispd.ingest.folder_names import FolderNames, place_of
from crispd.types import PhotoState
from crispd.watch.walk import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crispd.ingest.folder_names import Names
    from crispd.types import FoundFile, KnownFile, Root


class Siblings:
    """What lies beside what, for one look at the disk.

    ``ignored(root_id, path)``: whether a file is left alone; those stand for nothing. ``names``: to
    be shared by those who ask often.
    """

    def __init__(
        self, ignored: Callable[[int, str], bool], names: FolderNames | None = None
    ) -> None:
        self._ignored = ignored
        self._names = names or FolderNames()
        self._seen: dict[tuple[int, str], Names] = {}

    def developed(self, root: Root, path: str) -> list[str]:
        """Pictures that can stand for the RAW at ``path``; none for any other file."""
        return [p for p in self._beside(root, path) if is_developed(p)] if is_raw(path) else []

    def raws(self, root: Root, path: str) -> list[str]:
        """RAWs that the picture at ``path`` can stand for; none for any other file."""
        return [p for p in self._beside(root, path) if is_raw(p)] if is_developed(path) else []

    def _beside(self, root: Root, path: str) -> list[str]:
        folder, stem = place_of(path)
        if (root.id, folder) not in self._seen:
            self._seen[root.id, folder] = self._names.of(root.path, folder)
        return [
            other
            for other in self._seen[root.id, folder].get(stem, ())
            if other != path
            and not self._ignored(root.id, other)
            and stamp_of(root.path, other) is not None
        ]


def stands(states: Iterable[PhotoState | None]) -> bool | None:
    """Whether one of the pictures beside a RAW stands for it; None: it may, once it was read.

    ``states``: of each as SQLite knows it, None for one that has not been read yet.
    """
    found = set(states)
    if PhotoState.READY in found:
        return True
    return None if None in found else False


class Once:
    """The files of a walk without RAWs that something stands for; iterate it once.

    ``stood_for`` holds the known ones among those: they leave the library.
    """

    def __init__(self, files: Iterable[FoundFile], known: Mapping[str, KnownFile]) -> None:
        self._files = files
        self._known = known
        self.stood_for: set[str] = set()

    def __iter__(self) -> Iterator[FoundFile]:
        # A walk is through with a folder before it begins the next.
        for _, files in itertools.groupby(self._files, lambda file: place_of(file.path)[0]):
            yield from self._folder(list(files))

    def _folder(self, files: list[FoundFile]) -> Iterator[FoundFile]:
        states: dict[str, list[PhotoState | None]] = {}
        for file in files:
            if is_developed(file.path):
                row = self._known.get(file.path)
                states.setdefault(place_of(file.path)[1], []).append(row.state if row else None)
        for file in files:
            covered = is_raw(file.path) and stands(states.get(place_of(file.path)[1], ()))
            if covered:
                self.stood_for.add(file.path)
            elif covered is False or file.path in self._known:
                yield file
