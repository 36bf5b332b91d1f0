"""The meaning of watchdog's observer events below a root, on every system."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchdog.events import EVENT_TYPE_CREATED, EVENT_TYPE_DELETED, EVENT_TYPE_MOVED

from crispd.types import EventKind, FileEvent
from crispd.watch.events.folder_selection import is_marker, is_visible
from crispd.watch.links import is_below, target_of
from crispd.watch.walk import is_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watchdog.events import FileSystemEvent

    from crispd.types import Root
    from crispd.watch.events.folder_selection import FolderSelection


class ObserverEvents:
    """Belongs to one thread. ``top``: the root as the system names it, without links.

    Observers tell of all that lies below the root: what is not walked is dropped here, and what
    only a link shows gets the path of the link. ``gone``: the root itself is.
    """

    def __init__(self, root: Root, top: str, folders: FolderSelection) -> None:
        self._root = root
        self._top = top
        self._folders = folders
        self._links: dict[str, str] = {}  # links to folders, and where in the root they lead
        self.gone = False

    def find_links(self, top: str = "") -> None:
        """Look for links in a folder and below. Raises OSError where the root cannot be listed."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                inside = self._folders.inside(folder)
            except OSError:
                if not folder:
                    raise
                continue  # it went away meanwhile, or may not be read: the walk says so
            for path in inside:
                self._note_link(path)
            waiting.extend(path for path in inside if path not in self._links)

    def translate(self, events: Sequence[FileSystemEvent]) -> Iterator[FileEvent]:
        """What events that came together mean; one of a folder stands for all that lies in it."""
        paths = [
            (event, self._inner(event.src_path), self._inner(event.dest_path)) for event in events
        ]
        folders = [each for each in paths if each[0].is_directory]
        created = {old for event, old, _ in folders if event.event_type == EVENT_TYPE_CREATED}
        moved = {old: new for event, old, new in folders if event.event_type == EVENT_TYPE_MOVED}
        for event, old, new in paths:
            if event.is_directory and old == "" and event.event_type in _ENDS:
                self.gone = True
                yield self._event(EventKind.RESCAN, "")
            elif event.event_type == EVENT_TYPE_MOVED:
                if not event.is_synthetic and not _moved_along(old, new, moved):
                    yield from self._moved(event, old, new)
            elif old is None:
                continue
            elif event.event_type == EVENT_TYPE_CREATED:
                if not any(folder in created for folder in _around(old)):
                    yield from self._created(event, old)
            elif event.event_type == EVENT_TYPE_DELETED:
                yield from self._deleted(old)
            elif not event.is_directory:
                yield from self._seen_as(EventKind.CHANGED, old)

    def _created(self, event: FileSystemEvent, path: str) -> Iterator[FileEvent]:
        if event.is_directory or is_folder(self._root.path, path):
            self._note_link(path)
            for seen in self._views(path):
                yield from self._new_folder(seen)
        else:
            yield from self._seen_as(EventKind.CHANGED, path)

    def _deleted(self, path: str) -> Iterator[FileEvent]:
        yield from self._seen_as(EventKind.REMOVED, path)
        self._forget_links(path)

    def _moved(
        self, event: FileSystemEvent, old: str | None, new: str | None
    ) -> Iterator[FileEvent]:
        linked = not event.is_directory and new is not None and is_folder(self._root.path, new)
        if old is None or new is None or linked:  # in, out, or a link, whose target has not moved
            if old is not None:
                yield from self._deleted(old)
            if new is not None:
                yield from self._created(event, new)
            return
        for before, after in self._both_views(old, new):
            yield from self._moved_as(before, after, folder=event.is_directory)
        if event.is_directory:
            self._forget_links(old)
            self._note_link(new)
            self.find_links(new)

    def _moved_as(self, old: str | None, new: str | None, *, folder: bool) -> Iterator[FileEvent]:
        if old is not None and new is not None:
            yield self._event(EventKind.FOLDER_MOVED if folder else EventKind.MOVED, old, new)
        elif old is not None:
            yield self._event(EventKind.REMOVED, old)
        elif new is not None and folder:
            yield from self._new_folder(new)
        elif new is not None:
            yield self._event(EventKind.CHANGED, new)

    def _new_folder(self, path: str) -> Iterator[FileEvent]:
        if self._folders.wants(path):
            self.find_links(path)
            yield self._event(EventKind.RESCAN, path)

    def _seen_as(self, kind: EventKind, path: str) -> Iterator[FileEvent]:
        for seen in self._views(path):
            yield self._event(kind, seen)

    def _views(self, path: str) -> list[str]:
        """The paths at which walks come upon ``path``: its own, and those through links."""
        return [seen for seen, _ in self._both_views(path, None) if seen is not None]

    def _both_views(self, old: str, new: str | None) -> list[tuple[str | None, str | None]]:
        views = [(self._walked(old), self._walked(new))]
        for link, inner in self._links.items():
            views.append(
                (self._walked(_through(link, inner, old)), self._walked(_through(link, inner, new)))
            )
        return views

    def _walked(self, path: str | None) -> str | None:
        """The path where walks come to it; None where they do not."""
        if path is None or not is_visible(path):
            return None
        folder = path.rpartition("/")[0]
        if is_marker(path):  # its own folder is not wanted any more, on account of it
            folder = folder.rpartition("/")[0]
        return path if not folder or self._folders.wants(folder) else None

    def _note_link(self, path: str) -> None:
        if os.path.islink(self._folders.full_path(path)):  # noqa: PTH114 - names in any bytes
            target = target_of(self._root.path, path)
            if target.shown_folder:
                self._links[path] = target.inner

    def _forget_links(self, folder: str) -> None:
        self._links = {
            link: inner for link, inner in self._links.items() if not is_below(link, folder)
        }

    def _inner(self, path: bytes | str) -> str | None:
        """Below the root; None outside."""
        name = os.fsdecode(path)
        return name[len(self._top) :].lstrip("/") if name and is_below(name, self._top) else None

    def _event(self, kind: EventKind, path: str, moved_to: str | None = None) -> FileEvent:
        return FileEvent(kind, self._root.id, path, moved_to)


_ENDS = {EVENT_TYPE_DELETED, EVENT_TYPE_MOVED}


def _around(path: str | None) -> Iterator[str]:
    """The folders that a path lies in, the innermost first."""
    while path:
        path = path.rpartition("/")[0]
        if path:
            yield path


def _moved_along(old: str | None, new: str | None, moved: dict[str | None, str | None]) -> bool:
    """Whether a move is that of a folder around it."""
    for folder in _around(old):
        target = moved.get(folder)
        if old is not None and target is not None and new == target + old[len(folder) :]:
            return True
    return False


def _through(link: str, inner: str, path: str | None) -> str | None:
    """The path by way of a link of what lies below its target."""
    return link + path[len(inner) :] if path is not None and is_below(path, inner) else None
