"""Linux alone: the folders of a root that are watched, and what inotify's events mean below it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from watchdog.observers.inotify_c import InotifyConstants

from crispd.types import EventKind, FileEvent
from crispd.watch.exclusion.excluded_names import in_excluded_folder, is_excluded_folder
from crispd.watch.exclusion.ignore_file import NAME as IGNORE_FILE
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.links import folder_links, is_below, target_of
from crispd.watch.walk import is_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchdog.observers.inotify_c import InotifyEvent

    from crispd.types import Root
    from crispd.watch.events.inotify import Inotify

_LIMITS = {errno.ENOSPC, errno.EMFILE, errno.ENOMEM}


class WatchTree:
    """Belongs to one thread. Folders that are never walked are never watched either.

    ``full``: the kernel lets no more folders be watched. ``gone``: the root itself is.
    """

    def __init__(
        self,
        root: Root,
        kernel: Inotify,
        passed_over: Callable[[str], bool] = lambda _: False,
        left_out: ExcludedFolders | None = None,
    ) -> None:
        self._root = root
        self._kernel = kernel
        self._passed_over = passed_over
        self._left_out = left_out or ExcludedFolders(root.path)
        self._paths: dict[int, str] = {}
        self._watches: dict[str, int] = {}
        self._also: dict[int, set[str]] = {}  # more links that lead to a watched folder
        self._left: tuple[int, str, bool] | None = None
        self.full = False
        self.gone = False

    def __len__(self) -> int:
        return len(self._paths)

    @property
    def waits(self) -> bool:
        """Whether half of a move was seen."""
        return self._left is not None

    def watch(self, top: str = "") -> None:
        """Watch a folder and all below. Raises OSError where the root itself cannot be watched."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                self._add(folder)
                waiting.extend(self._folders_in(folder))
            except OSError as error:
                if error.errno in _LIMITS:
                    self.full = True
                    if folder:
                        return
                if not folder:
                    raise
                # else it went away meanwhile, or may not be read: the walk says so

    def _add(self, folder: str) -> None:
        linked = bool(folder) and bool(folder_links(self._root.path, folder + "/"))
        if linked and not target_of(self._root.path, folder).shown_folder:
            return  # it leads elsewhere since it was listed
        number = self._kernel.add(self._full_path(folder), follow=linked or not folder)
        if linked and self._paths.get(number, folder) != folder:
            self._also.setdefault(number, set()).add(folder)
            return
        self._forget(self._watches.get(folder))
        self._forget(number)  # it may have been seen elsewhere, before events were lost
        self._paths[number], self._watches[folder] = folder, number

    def _folders_in(self, folder: str) -> list[str]:
        with os.scandir(self._full_path(folder)) as listing:
            entries = {entry.name: entry for entry in listing}
        if self._left_out.listed(folder, entries.__contains__):
            return []
        found = [
            (f"{folder}/{entry.name}" if folder else entry.name, entry.is_symlink())
            for entry in entries.values()
            if entry.is_symlink() or entry.is_dir(follow_symlinks=False)
        ]
        return [
            path
            for path, linked in found
            if self._is_entered(path)
            and not self._left_out.child(path, entries.__contains__)
            and (not linked or is_folder(self._root.path, path))
        ]

    def _is_entered(self, folder: str) -> bool:
        name = folder.rpartition("/")[2]
        return not is_excluded_folder(name) and not self._passed_over(folder)

    def _is_wanted(self, folder: str) -> bool:
        """Of a folder that was not met in a listing: the disk is asked what lies around it."""
        return self._is_entered(folder) and not self._left_out.folder(folder)

    def _full_path(self, folder: str) -> str:
        return f"{self._root.path}/{folder}" if folder else self._root.path

    def _forget(self, number: int | None) -> None:
        folder = None if number is None else self._paths.pop(number, None)
        if number is not None:
            self._also.pop(number, None)
        if folder is not None and self._watches.get(folder) == number:
            del self._watches[folder]

    def translate(self, events: list[InotifyEvent]) -> Iterator[FileEvent]:
        """What the events mean. Half of a move waits for its other half until ``settle``."""
        for event in events:
            if event.is_queue_overflow:
                yield from self.settle()
                self.watch()  # folders that came meanwhile
                yield self._event(EventKind.RESCAN, "")
            elif event.is_ignored:
                self._forget(event.wd)
            elif event.wd in self._paths:
                also = self._also.get(event.wd, set()).copy()
                yield from self._entry(event, self._paths[event.wd])
                for folder in also:
                    yield self._event(EventKind.RESCAN, folder)

    def settle(self) -> Iterator[FileEvent]:
        """What left and was not seen to arrive anywhere has left the root."""
        if self._left is not None:
            _, path, _ = self._left
            self._left = None
            self._unwatch(path)
            if _is_ours(path):
                yield self._event(EventKind.REMOVED, path)

    def _entry(self, event: InotifyEvent, folder: str) -> Iterator[FileEvent]:
        if not event.name:
            unmounted = event.mask & InotifyConstants.IN_UNMOUNT
            if not folder and (unmounted or event.is_delete_self or event.is_move_self):
                self.gone = True
                yield self._event(EventKind.RESCAN, "")
            return
        name = os.fsdecode(event.name)
        path = f"{folder}/{name}" if folder else name
        folder_too = event.is_directory
        if event.is_moved_to:
            yield from self._arrived(path, folder_too, event.cookie)
            return
        yield from self.settle()
        if event.is_moved_from:
            self._left = (event.cookie, path, folder_too)
        elif event.is_delete:
            self._unwatch(path)
            if _is_ours(path):
                yield self._event(EventKind.REMOVED, path)
        elif event.is_create and (folder_too or is_folder(self._root.path, path)):
            yield from self._new_folder(path)
        elif not folder_too and _is_ours(path):
            yield self._event(EventKind.CHANGED, path)

    def _arrived(self, path: str, folder_too: bool, cookie: int) -> Iterator[FileEvent]:
        old = None
        linked = not folder_too and (path in self._watches or is_folder(self._root.path, path))
        if self._left is not None and self._left[0] == cookie:
            if linked:
                yield from self.settle()  # what it leads to has not moved
            else:
                (_, old, _), self._left = self._left, None
        else:
            yield from self.settle()
        if folder_too:
            yield from self._folder_arrived(old, path)
        elif linked:
            yield from self._link_arrived(path)
        elif old is not None and _is_ours(old) and _is_ours(path):
            yield self._event(EventKind.MOVED, old, path)
        elif old is not None and _is_ours(old):
            yield self._event(EventKind.REMOVED, old)
        elif _is_ours(path):
            yield self._event(EventKind.CHANGED, path)

    def _folder_arrived(self, old: str | None, path: str) -> Iterator[FileEvent]:
        if old is None or not _is_ours(old):
            yield from self._new_folder(path)
        elif not _is_ours(path):
            self._unwatch(old)
            yield self._event(EventKind.REMOVED, old)
        else:
            self._rename(old, path)
            if self._is_wanted(path):
                self.watch(path)  # also those that were passed over at their old place
            else:
                self._unwatch(path)
            yield self._event(EventKind.FOLDER_MOVED, old, path)

    def _link_arrived(self, path: str) -> Iterator[FileEvent]:
        """A link to a folder, or something else in the place of one."""
        self._unwatch(path)
        if _is_ours(path):
            yield self._event(EventKind.REMOVED, path)
            yield self._event(EventKind.CHANGED, path)
        if is_folder(self._root.path, path):
            yield from self._new_folder(path)

    def _new_folder(self, path: str) -> Iterator[FileEvent]:
        if _is_ours(path) and self._is_wanted(path):
            self.watch(path)
            yield self._event(EventKind.RESCAN, path)  # files may have come before the watch did

    def _below(self, folder: str) -> list[str]:
        return [path for path in self._watches if is_below(path, folder)]

    def _rename(self, old: str, new: str) -> None:
        for path in self._below(old):
            number = self._watches.pop(path)
            renamed = new + path[len(old) :]
            self._watches[renamed], self._paths[number] = number, renamed
        for number, links in self._also.items():
            self._also[number] = {
                new + link[len(old) :] if is_below(link, old) else link for link in links
            }

    def _unwatch(self, folder: str) -> None:
        for links in self._also.values():
            links.difference_update([path for path in links if is_below(path, folder)])
        others: set[str] = set()
        for path in self._below(folder) if folder in self._watches else ():
            number = self._watches.pop(path)
            self._paths.pop(number, None)
            others |= self._also.pop(number, set())
            self._kernel.remove(number)
        for link in others:  # that lead to a folder that is not watched any more
            self.watch(link)

    def _event(self, kind: EventKind, path: str, moved_to: str | None = None) -> FileEvent:
        return FileEvent(kind, self._root.id, path, moved_to)


def _is_ours(path: str) -> bool:
    """Whether a path is neither hidden nor in a folder that is never walked."""
    return path == IGNORE_FILE or not in_excluded_folder(path + "/")
