"""The tree of watched folders, and the meaning of inotify's events below it. Linux only."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from watchdog.observers.inotify_c import InotifyConstants

from crispd.types import EventKind, FileEvent
from crispd.watch.events.folder_selection import FolderSelection, is_visible
from crispd.watch.links import folder_links, is_below, target_of
from crispd.watch.walk import is_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchdog.observers.inotify_c import InotifyEvent

    from crispd.types import Root
    from crispd.watch.events.inotify import Inotify
    from crispd.watch.exclusion.program_folders import ExcludedFolders

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
        self._folders = FolderSelection(root.path, passed_over, left_out)
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
                waiting.extend(self._folders.inside(folder))
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
        number = self._kernel.add(self._folders.full_path(folder), follow=linked or not folder)
        if linked and self._paths.get(number, folder) != folder:
            self._also.setdefault(number, set()).add(folder)
            return
        self._forget(self._watches.get(folder))
        self._forget(number)  # it may have been seen elsewhere, before events were lost
        self._paths[number], self._watches[folder] = folder, number

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
            if is_visible(path):
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
            if is_visible(path):
                yield self._event(EventKind.REMOVED, path)
        elif event.is_create and (folder_too or is_folder(self._root.path, path)):
            yield from self._new_folder(path)
        elif not folder_too and is_visible(path):
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
        elif old is not None and is_visible(old) and is_visible(path):
            yield self._event(EventKind.MOVED, old, path)
        elif old is not None and is_visible(old):
            yield self._event(EventKind.REMOVED, old)
        elif is_visible(path):
            yield self._event(EventKind.CHANGED, path)

    def _folder_arrived(self, old: str | None, path: str) -> Iterator[FileEvent]:
        if old is None or not is_visible(old):
            yield from self._new_folder(path)
        elif not is_visible(path):
            self._unwatch(old)
            yield self._event(EventKind.REMOVED, old)
        else:
            self._rename(old, path)
            if self._folders.wants(path):
                self.watch(path)  # also those that were passed over at their old place
            else:
                self._unwatch(path)
            yield self._event(EventKind.FOLDER_MOVED, old, path)

    def _link_arrived(self, path: str) -> Iterator[FileEvent]:
        """A link to a folder, or something else in the place of one."""
        self._unwatch(path)
        if is_visible(path):
            yield self._event(EventKind.REMOVED, path)
            yield self._event(EventKind.CHANGED, path)
        if is_folder(self._root.path, path):
            yield from self._new_folder(path)

    def _new_folder(self, path: str) -> Iterator[FileEvent]:
        if is_visible(path) and self._folders.wants(path):
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
