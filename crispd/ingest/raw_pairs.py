"""Pairs of a RAW and a JPEG or HEIC: they count as one photo, shown by the picture.

Beside it: in the same folder, of the same name whatever its case, a JPEG or HEIC, of the same
moment or camera as far as both say. Who stands for whom is asked of the disk whenever one of them
changes, so the RAW takes over when the picture goes, and when the picture cannot be read. Only what
a RAW says of itself is stored, so that nobody has to read it again.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from crispd.images.formats import is_developed, is_raw
from crispd.ingest.directory_cache import DirectoryCache, folder_of
from crispd.types import PhotoState, Root
from crispd.watch.walk import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from crispd.ingest.directory_cache import DirectoryNames
    from crispd.store.reading.reads import Reader
    from crispd.types import CaptureKey, FileStamp, FoundFile, KnownFile, PhotoRecord

    Judge = Callable[[FoundFile, list[str]], bool | None]

# Some write a RAW a moment after its JPEG; the clocks of zones are no further apart than this.
_SAME_MOMENT, _SAME_DAY = timedelta(seconds=2), timedelta(hours=26)


class RawJpegPairs:
    """The pairs of a folder, valid for one look at the disk and at what is excluded.

    ``ignored(root_id, path)``: whether a file is excluded; such files pair with nothing. It is
    asked once of each path: rules may change meanwhile. ``names``: a cache that frequent callers
    share.
    """

    def __init__(
        self, ignored: Callable[[int, str], bool], names: DirectoryCache | None = None
    ) -> None:
        self._ignored = ignored
        self._names = names or DirectoryCache()
        self._seen: dict[tuple[int, str], DirectoryNames] = {}
        self._excluded: dict[tuple[int, str], bool] = {}

    def developed(self, root: Root, path: str) -> list[str]:
        """Pictures that can stand for the RAW at ``path``; none for any other file."""
        return [p for p in self._beside(root, path) if is_developed(p)] if is_raw(path) else []

    def raws(self, root: Root, path: str) -> list[str]:
        """RAWs that the picture at ``path`` can stand for; none for any other file."""
        return [p for p in self._beside(root, path) if is_raw(p)] if is_developed(path) else []

    def excluded(self, root: Root, path: str) -> list[str]:
        """Of a path, and RAWs and pictures that could be one photo with it, those excluded."""
        kinds = is_developed if is_raw(path) else is_raw
        pairs = is_raw(path) or is_developed(path)
        others = [p for p in self._of_one_name(root, path) if kinds(p)] if pairs else []
        return [each for each in (path, *others) if self._is_excluded(root, each)]

    def _beside(self, root: Root, path: str) -> list[str]:
        return [
            other
            for other in self._of_one_name(root, path)
            if other != path
            and not self._is_excluded(root, other)
            and stamp_of(root.path, other) is not None
        ]

    def _of_one_name(self, root: Root, path: str) -> list[str]:
        folder, stem = folder_of(path)
        if (root.id, folder) not in self._seen:
            self._seen[root.id, folder] = self._names.of(root.path, folder)
        return self._seen[root.id, folder].get(stem, [])

    def _is_excluded(self, root: Root, path: str) -> bool:
        if (root.id, path) not in self._excluded:
            self._excluded[root.id, path] = self._ignored(root.id, path)
        return self._excluded[root.id, path]


def is_pair(raw: CaptureKey, picture: CaptureKey) -> bool:
    """Whether two files of one name show one photo: cameras count to 9999 and begin anew.

    What is not known speaks against nothing: many programs write pictures without any of it.
    """
    moments = _moment(raw.taken_at), _moment(picture.taken_at)
    if moments[0] is not None and moments[1] is not None:
        apart = abs(moments[0] - moments[1])
        if apart <= _SAME_MOMENT:
            return True
        if apart > _SAME_DAY:
            return False
    return _same_camera(raw.camera, picture.camera)


def _moment(text: str | None) -> datetime | None:
    """By local clocks."""
    try:
        return datetime.fromisoformat(text[:19]) if text else None
    except ValueError:
        return None


def _same_camera(one: str | None, other: str | None) -> bool:
    """The same, or one of both not known. Programs leave the maker out or repeat it."""
    if not one or not other:
        return True
    first, second = one.casefold(), other.casefold()
    return first in second or second in first


class WithoutPairedRaws:
    """The files of a walk without RAWs that something stands for; iterate it once.

    ``stood_for`` holds the known ones among those: they leave the library. ``judge``: whether a RAW
    is of one photo with any of the pictures, None where that has to be read first.
    """

    def __init__(
        self,
        files: Iterable[FoundFile],
        known: Mapping[str, KnownFile],
        judge: Callable[[FoundFile, list[str]], bool | None] = lambda *_: True,
    ) -> None:
        self._files = files
        self._known = known
        self._judge = judge
        self.stood_for: set[str] = set()

    def __iter__(self) -> Iterator[FoundFile]:
        # A walk is through with a folder before it begins the next.
        for _, files in itertools.groupby(self._files, lambda file: folder_of(file.path)[0]):
            yield from self._folder(list(files))

    def _folder(self, files: list[FoundFile]) -> Iterator[FoundFile]:
        pictures: dict[str, list[str]] = {}
        for file in files:
            if is_developed(file.path):
                pictures.setdefault(folder_of(file.path)[1], []).append(file.path)
        for file in files:
            beside = pictures.get(folder_of(file.path)[1], []) if is_raw(file.path) else []
            states = {
                path: row.state if (row := self._known.get(path)) else None for path in beside
            }
            ready = [path for path, state in states.items() if state is PhotoState.READY]
            verdict = self._judge(file, ready) if ready else False
            if verdict:
                self.stood_for.add(file.path)
            elif verdict is None or None not in states.values() or file.path in self._known:
                yield file


class KnownCaptures(Protocol):
    """The captures that SQLite knows."""

    def captures(self, root_id: int, paths: Sequence[str]) -> Mapping[str, CaptureKey]:
        """What those of the paths that are searchable say of their moment."""

    def paired_raws(self, root_id: int) -> Mapping[str, tuple[FileStamp, CaptureKey]]:
        """The same of RAWs that a picture stands for, and the stamps they had."""


def pair_decision(known: KnownCaptures, root_id: int) -> Judge:
    """For a walk of a root. It answers None for a RAW of which nothing is known yet."""
    paired = known.paired_raws(root_id)

    def judge(raw: FoundFile, pictures: list[str]) -> bool | None:
        found = dict(known.captures(root_id, [raw.path, *pictures]))
        own = found.pop(raw.path, None)
        if own is None and raw.path in paired:
            stamp, said = paired[raw.path]
            if (stamp.size, stamp.mtime_ns) == (raw.stamp.size, raw.stamp.mtime_ns):
                own = said
        if own is None:
            return None
        return any(is_pair(own, each) for each in found.values())

    return judge


def raws_beside(reader: Reader, photo: PhotoRecord) -> tuple[str, ...]:
    """Paths of the RAWs that a photo stands for, sorted; one with a row is a photo of its own."""
    root = Root(photo.root_id, photo.root_path)
    beside = RawJpegPairs(lambda *_: False).raws(root, photo.path)
    return tuple(sorted(raw for raw in beside if reader.known_file(root.id, raw) is None))
