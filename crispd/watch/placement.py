"""The placement of photo folders and data folders relative to each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crispd.errors import NotFound
from crispd.types import displayable
from crispd.watch.exclusion.app_folders import CRISPD_OWN, entries_of, is_crispd_data
from crispd.watch.exclusion.excluded_names import in_excluded_folder
from crispd.watch.links import is_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import Root


def data_among_photos(data_dir: str, root: str) -> str | None:
    """A sentence where the data folder lies in a photo folder; None where it does not."""
    data, photos = os.path.realpath(data_dir), os.path.realpath(root)
    hidden = in_excluded_folder(data[len(photos) :].lstrip("/") + "/")
    if hidden or not is_below(data, photos):
        return None  # walks never come there
    shown, around = displayable(data_dir), displayable(root)
    if data == photos:
        return (
            f"The data folder {shown} is a photo folder too: what crispd keeps in it is never "
            "taken for photos. Better give it a folder of its own with CRISPD_DATA_DIR."
        )
    return (
        f"The data folder {shown} lies in the photo folder {around}: nothing in it is taken for "
        "photos."
    )


def own_files_as_photos(root: str) -> str | None:
    """A sentence where a photo folder lies in what a crispd keeps, such as its thumbnails."""
    path = os.path.realpath(root)
    while path != "/":
        path, name = os.path.split(path)
        if name in CRISPD_OWN and is_crispd_data(entries_of(path)):
            return (
                f"{displayable(root)} is what crispd keeps in its data folder {displayable(path)}, "
                "and no photo folder. Name the folder of your photos."
            )
    return None


def is_same_folder(one: str, other: str) -> bool:
    """Whether two paths name one folder, through links or mounts."""
    found = _folder_id(one)
    return one == other or (found is not None and found == _folder_id(other))


def lies_in(inner: str, outer: str) -> bool:
    """Whether a folder lies in another, by its path, or through links or mounts."""
    if is_below(inner, outer):
        return inner != outer
    around = _folder_id(outer)
    path = os.path.realpath(inner)
    while around is not None and path != "/":
        path = os.path.dirname(path)  # noqa: PTH120 - names in any bytes
        if _folder_id(path) == around:
            return True
    return False


def _folder_id(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - names in any bytes
    except OSError:
        return None
    return found.st_dev, found.st_ino


def place_in(roots: Sequence[Root], path: str) -> tuple[Root, str]:
    """The root that an absolute path lies in, and the rest of the path. Raises NotFound."""
    plain = os.path.normpath(path) if path.startswith("/") else path
    for named in (plain, os.path.realpath(plain)) if path.startswith("/") else ():
        for root in roots:
            if is_below(named, root.path):
                return root, named[len(root.path) :].strip("/")
    raise NotFound(f"{path} lies in no folder that is watched. See /folders for those that are.")
