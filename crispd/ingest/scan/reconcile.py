"""Reconciliation of a walk with SQLite: new, changed, moved and missing files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.types import PhotoState
from crispd.watch.exclusion.excluded_names import in_excluded_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crispd.types import FileStamp, FoundFile, KnownFile


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """``fresh``: new or changed files. ``missing``: known paths that the walk did not meet.

    ``known``: how many paths of the root are known in all. ``stood_for``: RAWs beside a picture
    that is the photo (see pairs). ``moved``: (old, new) of files met at another path, told by name
    and stamp; neither ``fresh`` nor ``missing`` has them. ``kept_by``: folders that a program keeps
    for itself. ``unstamped``: unchanged files of whose stamps not all is known.
    """

    fresh: list[FoundFile]
    missing: list[str]
    unchanged: int
    known: int
    moved: tuple[tuple[str, str], ...] = ()
    unstamped: tuple[FoundFile, ...] = ()
    stood_for: frozenset[str] = frozenset()
    excluded_by: frozenset[str] = frozenset()

    def is_unwanted(self, path: str) -> bool:
        """Whether a missing path is there and no photo: its row leaves without a question."""
        return (
            path in self.stood_for
            or in_excluded_folder(path)
            or not self.excluded_by.isdisjoint(_folders_of(path))
        )


def reconcile(
    known: Mapping[str, KnownFile],
    found: Iterable[FoundFile],
    unseen: Mapping[str, str],
    folder: str = "",
) -> ScanPlan:
    """Compare. ``unseen`` is read after ``found`` is exhausted: the walk fills it on its way.

    Nothing below a folder that could not be listed counts as missing, nor anything outside
    ``folder``, the part of the root that was walked.
    """
    fresh: list[FoundFile] = []
    unstamped: list[FoundFile] = []
    met: set[str] = set()
    for file in found:
        met.add(file.path)
        row = known.get(file.path)
        if row is None or not row.stamp.fits(file.stamp) or row.outdated:
            fresh.append(file)
        elif row.stamp.ctime_ns is None:
            unstamped.append(file)
    blind = tuple(unseen)
    missing = [
        path
        for path in known
        if path not in met and _below(path, folder) and not any(_below(path, f) for f in blind)
    ]
    moved = _moved(known, fresh, missing)
    olds, news = {old for old, _ in moved}, {new for _, new in moved}
    return ScanPlan(
        [file for file in fresh if file.path not in news],
        [path for path in missing if path not in olds],
        len(met) - len(fresh),
        len(known),
        tuple(moved),
        unstamped=tuple(unstamped),
    )


def _moved(
    known: Mapping[str, KnownFile], fresh: list[FoundFile], missing: list[str]
) -> list[tuple[str, str]]:
    """Missing files that were met elsewhere under the same name, with size and time unchanged.

    Only where there is no other of that name, size and time: one of several copies is read.
    """
    if not missing:
        return []
    here = Counter(_looks(file.path, file.stamp) for file in fresh)
    there = Counter(_looks(path, known[path].stamp) for path in missing)
    places = {
        looks: file.path
        for file in fresh
        if file.path not in known and here[looks := _looks(file.path, file.stamp)] == 1
    }
    return [
        (path, places[looks])
        for path in missing
        if known[path].state is PhotoState.READY
        and there[looks := _looks(path, known[path].stamp)] == 1
        and looks in places
    ]


def _looks(path: str, stamp: FileStamp) -> tuple[str, tuple[int, int]]:
    return path.rpartition("/")[2], stamp.content


def _folders_of(path: str) -> Iterator[str]:
    """Every folder that a path lies in."""
    slash = path.find("/")
    while slash > 0:
        yield path[:slash]
        slash = path.find("/", slash + 1)


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(folder + "/")
