"""Checks of photo folders: present, readable, the right ones, and watchable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.doctor.findings import Finding, bad, good, plural, warning
from crispd.images.formats import is_candidate
from crispd.platform.mounts import file_system
from crispd.types import displayable
from crispd.watch.events.event_source import watch_limits
from crispd.watch.exclusion.app_folders import CRISPD_DATA, by_owner, exclusion_sentence
from crispd.watch.exclusion.ignore_file import NAME as IGNORE_FILE
from crispd.watch.exclusion.ignore_file import IgnoreRules
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.identity import is_stranger
from crispd.watch.mounts import is_silent
from crispd.watch.placement import (
    data_among_photos,
    is_same_folder,
    lies_in,
    own_files_as_photos,
)
from crispd.watch.presence import why_absent
from crispd.watch.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crispd.types import KnownFile

_NEARLY = 0.8
_SHOWN = 3


def check_folders(
    known: Mapping[str, Mapping[str, KnownFile]],
    exclude: Sequence[str] = (),
) -> Iterator[Finding]:
    """``known``: what the database knows of each watched folder, by path.

    ``exclude``: patterns of the settings.
    """
    watched = 0
    for path, files in known.items():
        others = tuple(other for other in known if other != path)
        walk = Walk(path, is_candidate, others=others)
        walk.ignore = ignore = IgnoreRules(path, tuple(exclude))
        ignore.refresh()
        walk.excluded_folders = ExcludedFolders(path, ignore.wants)
        yield from _check_folder(path, files, walk)
        watched += walk.folders
    if known:
        yield from check_limits(len(known), watched, watch_limits())


def _check_folder(path: str, files: Mapping[str, KnownFile], walk: Walk) -> Iterator[Finding]:
    what = f"folder {displayable(path)}"
    reason = why_absent(path, had_photos=bool(files))
    if reason is not None:
        yield bad(what, reason, f"Its {len(files)} photos stay searchable until it is back.")
        return
    photos = sum(1 for _ in walk)
    if is_stranger(path, files):
        yield bad(
            what,
            f"it holds hardly any of the {len(files)} photos known there",
            "Mount the right drive, or say that they are gone on purpose: crispd confirm.",
        )
    for unseen, why in list(walk.unseen.items())[:_SHOWN]:
        yield bad(
            what,
            f"{displayable(unseen) or '.'} cannot be listed: {why}",
            "Give crispd's user read and search permission (chmod o+rx, or its group).",
        )
    if len(walk.unseen) > _SHOWN:
        yield bad(what, f"{len(walk.unseen) - _SHOWN} more folders cannot be listed", "As above.")
    yield from _check_left_out(what, walk)
    astray = walk.links_outside.sentence()
    if astray is not None:
        seen, _, advice = astray.partition("; ")
        yield warning(what, seen, advice[:1].upper() + advice[1:])
    kind = file_system(path)
    if is_silent(kind):
        yield warning(
            what,
            f"it lies on {kind}, which tells nothing of what other machines change",
            "Those changes are found by scans: lower rescan_minutes if an hour is too long.",
        )
    yield good(
        what, f"{plural(photos, 'photo')} in {plural(walk.folders, 'folder')}, {len(files)} known"
    )


def _check_left_out(what: str, walk: Walk) -> Iterator[Finding]:
    """Folders that programs keep for themselves."""
    for whose, paths in by_owner(walk.excluded_by).items():
        if whose == CRISPD_DATA:
            do = "A data folder is better kept out of the photos: CRISPD_DATA_DIR."
        else:
            do = f"Nothing, unless photos of yours are there: !{paths[0]}/ in {IGNORE_FILE}."
        yield warning(what, exclusion_sentence(whose, paths), do)


def check_placement(data_dir: str, roots: Iterable[str]) -> Iterator[Finding]:
    """Whether photos and the data of crispd are kept apart."""
    named = list(roots)
    for number, root in enumerate(named):
        what = f"folder {displayable(root)}"
        for other in named[:number]:
            if is_same_folder(root, other):
                seen = f"it is the same folder as {displayable(other)}, by another name"
                yield warning(what, seen, "Name it once.")
            elif lies_in(root, other) or lies_in(other, root):
                seen = f"it lies inside {displayable(other)}, or that one in it"
                yield bad(what, seen, "Name only the outer one.")
        own, among = own_files_as_photos(root), data_among_photos(data_dir, root)
        if own is not None:
            yield bad(what, own, "crispd serve ~/Pictures, or CRISPD_FOLDERS.")
        elif among is not None:
            yield warning(what, among, "Nothing has to be done; apart is better: CRISPD_DATA_DIR.")


def check_dropped(dropped: Mapping[str, int]) -> Iterator[Finding]:
    """``dropped``: photos that are kept of folders that are not watched any more, by path."""
    for path, photos in dropped.items():
        shown = displayable(path)
        yield good(
            f"folder {shown}",
            f"not watched any more; its {plural(photos, 'photo')} are kept and seen nowhere until "
            "it is named again",
        )


def check_limits(
    roots: int, folders: int, limits: tuple[int | None, int | None]
) -> Iterator[Finding]:
    """Whether the system lets so many folders be watched. ``limits``: of ``watch_limits``."""
    watches, instances = limits
    if watches is not None:
        seen = f"{plural(folders, 'folder')} to watch, the kernel allows {watches}"
        if folders > watches * _NEARLY:
            size = max(524_288, 2 * folders)
            yield warning("watching", seen, f"sysctl fs.inotify.max_user_watches={size}")
        else:
            yield good("watching", seen)
    if instances is not None and roots > instances * _NEARLY:
        yield warning(
            "watching",
            f"{roots} watchers, the kernel allows {instances}",
            "sysctl fs.inotify.max_user_instances=512",
        )
