"""A walk of a root: every candidate with its stamp, and what could not be read."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crispd.platform.open_files import folder_location
from crispd.types import FileStamp, FoundFile, Note, displayable
from crispd.watch.exclusion.excluded_names import is_excluded_folder
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.links import LinkTargetKind, folder_links, open_folder, target_of
from crispd.watch.sidecars import file_status, is_sidecar, sidecar_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from crispd.watch.exclusion.ignore_file import IgnoreRules
    from crispd.watch.links import LinkTarget


@dataclass(slots=True)
class LinksOutside:
    """Links that are not followed: how many lead out of the roots, or to nothing; one of each."""

    outside: int = 0
    nowhere: int = 0
    examples: dict[LinkTargetKind, str] = field(default_factory=dict)

    def note(self, lead: LinkTargetKind, path: str) -> None:
        """A link was met."""
        self.outside += lead is LinkTargetKind.OUTSIDE
        self.nowhere += lead is LinkTargetKind.NOWHERE
        self.examples.setdefault(lead, path)

    def sentence(self) -> Note | None:
        """For people; None where every link was followed."""
        parts = []
        if self.outside:
            parts.append(f"{_links(self.outside)} out of the folders that crispd was given")
        if self.nowhere:
            parts.append(f"{_links(self.nowhere)} nowhere")
        if not parts:
            return None
        example = displayable(
            self.examples[LinkTargetKind.OUTSIDE if self.outside else LinkTargetKind.NOWHERE]
        )
        advice = " Name what they lead to as a folder of its own to see it." if self.outside else ""
        sentence = f"{', '.join(parts)} (such as {example}); they are not followed.{advice}"
        return Note(sentence, "links_outside", n=self.outside + self.nowhere, example=example)


@dataclass(slots=True)
class Walk:
    """One walk below ``folder`` of a root; iterate it once, then read what it has noted.

    What ``ignore`` matches is passed over. Links are followed as ``links`` says; ``others`` are the
    other roots, whose photos are met there. ``astray`` counts those that lead anywhere else.

    ``unseen`` holds relative folders that could not be listed, with the reason: what SQLite knows
    below them must not be taken for deleted. ``kept_by`` holds those that ``left_out`` tells, with
    whose they are: what SQLite knows below them leaves the library.
    """

    root: str
    is_candidate: Callable[[str], bool]
    folder: str = ""
    ignore: IgnoreRules | None = None
    others: tuple[str, ...] = ()
    excluded_folders: ExcludedFolders | None = None
    unseen: dict[str, str] = field(default_factory=dict)
    excluded_by: dict[str, str] = field(default_factory=dict)
    folders: int = 0
    links_outside: LinksOutside = field(default_factory=LinksOutside)
    _top: str = ""

    def __iter__(self) -> Iterator[FoundFile]:
        # A stack instead of recursion: folders nest deeper than Python's stack on some backups.
        # Beside each folder where in the root it must really lie when it is opened.
        waiting = self._start()
        while waiting:
            folder, inner = waiting.pop()
            yield from self._list(folder, inner, waiting)

    def _start(self) -> list[tuple[str, str]]:
        """Where the walk begins; nowhere where a link on the way leads to nothing of this root.

        Nor below a folder that is left out.
        """
        if self.excluded_folders is None:
            self.excluded_folders = ExcludedFolders(self.root)
        whose = self.excluded_folders.folder(self.folder)
        if whose is not None:
            self.excluded_by[self.folder] = whose
            return []
        if not folder_links(self.root, self.folder + "/"):
            return [(self.folder, self.folder)]
        target = target_of(self.root, self.folder)
        return [(self.folder, target.inner)] if target.shown_folder else []

    def _list(self, folder: str, inner: str, waiting: list[tuple[str, str]]) -> Iterator[FoundFile]:
        try:
            # on some drives the system names ``PHOTOS`` what ``Photos`` opens
            self._top = self._top or folder_location(self.root)
            descriptor = open_folder(_join(self.root, folder), _join(self._top, inner))
            try:
                with os.scandir(descriptor) as listing:
                    entries = {entry.name: entry for entry in listing}
                if self._is_kept(folder, entries):
                    return
                self.folders += 1
                sidecars = {name.casefold() for name in entries if is_sidecar(name)}
                for entry in entries.values():
                    found = self._visit(folder, inner, entry, waiting, entries)
                    if found is not None:
                        yield self._with_sidecars(found, sidecars) if sidecars else found
            finally:
                os.close(descriptor)
        except OSError as error:
            self.unseen[folder] = error.strerror or str(error)

    def _with_sidecars(self, file: FoundFile, sidecars: set[str]) -> FoundFile:
        """Asked of the disk only where a name says that there may be one."""
        name = file.path.rpartition("/")[2].casefold()
        if f"{name}.xmp" not in sidecars and f"{name.rpartition('.')[0]}.xmp" not in sidecars:
            return file
        return replace(file, stamp=replace(file.stamp, sidecar=sidecar_stamp(self.root, file.path)))

    def _is_kept(self, folder: str, names: Collection[str]) -> bool:
        whose = self.excluded_folders and self.excluded_folders.listed(folder, names.__contains__)
        if whose:
            self.excluded_by[folder] = whose
        return bool(whose)

    def _visit(
        self,
        folder: str,
        inner: str,
        entry: os.DirEntry[str],
        waiting: list[tuple[str, str]],
        beside: Collection[str],
    ) -> FoundFile | None:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            if entry.is_symlink():
                return self._follow(path, entry.name, waiting, beside)
            if entry.is_dir(follow_symlinks=False):
                if self._enters(path, entry.name, beside):
                    waiting.append((path, f"{inner}/{entry.name}" if inner else entry.name))
                return None
            if not self.is_candidate(entry.name) or self._ignores_file(path):
                return None
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return None  # gone between listing and looking
        return _found(path, status)

    def _follow(
        self, path: str, name: str, waiting: list[tuple[str, str]], beside: Collection[str]
    ) -> FoundFile | None:
        """A link: to a folder that is walked through it, or to a file that counts at its path."""
        if not self._enters(path, name, beside) or self._ignores_file(path):
            return None
        target = target_of(self.root, path, self.others)
        if target.shown_folder:
            waiting.append((path, target.inner))
        elif target.shown_file and target.status is not None and self.is_candidate(name):
            return _found(path, target.status)
        elif self._misses(target, name):
            self.links_outside.note(target.lead, path)
        return None

    def _misses(self, target: LinkTarget, name: str) -> bool:
        """Whether a person may miss what a link that is not followed leads to."""
        if target.lead not in {LinkTargetKind.OUTSIDE, LinkTargetKind.NOWHERE}:
            return False
        folder = target.status is not None and stat.S_ISDIR(target.status.st_mode)
        return folder or self.is_candidate(name) or (target.status is None and "." not in name)

    def _enters(self, path: str, name: str, beside: Collection[str]) -> bool:
        if is_excluded_folder(name) or self._ignores_folder(path):
            return False
        whose = self.excluded_folders and self.excluded_folders.child(path, beside.__contains__)
        if whose:
            self.excluded_by[path] = whose
        return not whose

    def _ignores_folder(self, path: str) -> bool:
        return self.ignore is not None and self.ignore.folder(path)

    def _ignores_file(self, path: str) -> bool:
        return self.ignore is not None and self.ignore.file(path)


def stamp_of(root: str, path: str) -> FileStamp | None:
    """Stamp of a regular file that counts at this path, None where there is none."""
    status = file_status(root, path)
    return None if status is None else FileStamp.of(status, sidecar_stamp(root, path))


def is_folder(root: str, path: str) -> bool:
    """Whether a path of a root is a folder that walks go into, also through a link."""
    full = _join(root, path)
    if os.path.islink(full) or folder_links(root, path):  # noqa: PTH114 - names in any bytes
        return target_of(root, path).shown_folder
    return os.path.isdir(full)  # noqa: PTH112 - as above


def _links(count: int) -> str:
    return "1 link leads" if count == 1 else f"{count} links lead"


def _found(path: str, status: os.stat_result) -> FoundFile | None:
    return FoundFile(path, FileStamp.of(status)) if stat.S_ISREG(status.st_mode) else None


def _join(root: str, path: str) -> str:
    return f"{root.rstrip('/')}/{path}" if path else root
