"""Symbolic links: where they lead, and whether the target counts as a photo of its own.

A link inside a root is another name of its target. A target that a walk meets by itself is one
photo, at its own path. What no walk meets, because it lies in a hidden folder of the same root or
has no name of a photo, is a photo at the path of the link: so git-annex and others keep them.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from enum import StrEnum

from crispd.platform.open_files import location_of
from crispd.watch.exclusion.excluded_names import in_excluded_folder

_MOST_FOLDER_LINKS = 1  # on a path: what a followed folder holds cannot lead around in circles


class LinkTargetKind(StrEnum):
    """Where a link leads: to something that is met by itself, to what only it shows, or away."""

    TWIN = "twin"
    SHOWN = "shown"
    OUTSIDE = "outside"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """``inner``: where in the root all links end; ``status`` of what is there."""

    lead: LinkTargetKind
    inner: str = ""
    status: os.stat_result | None = None

    @property
    def shown_folder(self) -> bool:
        """Whether a folder is to be walked through the link."""
        return self._is(stat.S_IFDIR)

    @property
    def shown_file(self) -> bool:
        """Whether a file counts at the path of the link."""
        return self._is(stat.S_IFREG)

    def _is(self, kind: int) -> bool:
        shown = self.lead is LinkTargetKind.SHOWN and self.status is not None
        return shown and self.status is not None and stat.S_IFMT(self.status.st_mode) == kind


def target_of(root: str, path: str, others: tuple[str, ...] = ()) -> LinkTarget:
    """Follow every link on the way to a path of a root. ``others``: the other roots.

    Loops and links to nothing lead nowhere; so does a second link to a folder below a first one.
    """
    top = os.path.realpath(root)
    try:
        real = os.path.realpath(f"{root}/{path}", strict=True)
        status = os.lstat(real)
    except OSError:
        return LinkTarget(LinkTargetKind.NOWHERE)
    if not is_below(real, top):
        known = any(is_below(real, os.path.realpath(other)) for other in others)
        return LinkTarget(LinkTargetKind.TWIN if known else LinkTargetKind.OUTSIDE, status=status)
    folder = stat.S_ISDIR(status.st_mode)
    inner = real[len(top) :].lstrip("/")
    if _is_met_by_itself(inner, folder=folder):
        return LinkTarget(LinkTargetKind.TWIN, inner, status)
    through = folder_links(root, f"{path}/" if folder else path)
    return LinkTarget(
        LinkTargetKind.SHOWN if through <= _MOST_FOLDER_LINKS else LinkTargetKind.NOWHERE,
        inner,
        status,
    )


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it, by its name."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def folder_links(root: str, path: str) -> int:
    """How many folders between a root and a file are links."""
    found, slash = 0, path.find("/")
    while slash > 0:
        found += os.path.islink(f"{root}/{path[:slash]}")  # noqa: PTH114 - names in any bytes
        slash = path.find("/", slash + 1)
    return found


def folder_behind(folder: str, roots: tuple[str, ...]) -> str:
    """The absolute path of the folder that ``folder``, a link in one of the roots, stands for.

    ``folder`` as it is where it is no link, or leads out of its root. Its photos are known by their
    own paths, so that is where a filter has to look.
    """
    for root in roots if "\0" not in folder else ():
        inside = folder[len(root) :].strip("/") if is_below(folder, root) else folder.strip("/")
        target = target_of(root, inside)
        if (
            target.lead is LinkTargetKind.TWIN
            and target.status is not None
            and target.inner != inside
        ):
            return f"{root.rstrip('/')}/{target.inner}".rstrip("/")
    return folder


def open_folder(path: str, real: str | None = None) -> int:
    """A descriptor of the folder at ``path``; the caller closes it. Raises OSError.

    Refused where it is not ``real``: somebody may put a link there between a look and the opening.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if real not in {None, location_of(descriptor, path)}:
            raise FileNotFoundError(errno.ENOENT, "it was replaced while it was looked at")
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _is_met_by_itself(inner: str, *, folder: bool) -> bool:
    """Whether walks come to a path of the root: not hidden, and a file with an extension."""
    if folder:
        return not inner or not in_excluded_folder(inner + "/")
    name = inner.rpartition("/")[2]
    return not in_excluded_folder(inner) and "." in name.lstrip(".") and not name.startswith(".")
