"""The presence of a root: an unplugged drive is not an empty folder."""

from __future__ import annotations

import os

from crispd.types import Note


def folder_id(root: str) -> tuple[int, int, int] | None:
    """Tells what is at a path from what is mounted or put there in its place: device, inode, and
    the file system's own id, since the kernel gives numbers of devices again. None: nothing.
    """
    try:
        found, system = os.stat(root), os.statvfs(root)  # noqa: PTH116 - names in any bytes
    except OSError:
        return None
    return found.st_dev, found.st_ino, system.f_fsid


def why_absent(root: str, *, had_photos: bool) -> str | None:
    """Why a root counts as offline, as a sentence; None where it is present.

    An empty folder where photos were known is taken for an unmounted drive: the mount point
    remains when the drive is gone.
    """
    try:
        with os.scandir(root) as entries:
            empty = next(entries, None) is None
    except FileNotFoundError:
        return Note("The folder is not there. Is its drive plugged in and mounted?", "not_there")
    except NotADirectoryError:
        return Note("The path is not a folder.", "no_folder")
    except PermissionError:
        sentence = (
            "crispd is not allowed to read the folder. Give its user read and search permission."
        )
        return Note(sentence, "forbidden")
    except OSError as error:
        return Note(f"The folder cannot be read: {error.strerror}.", "unreadable")
    if empty and had_photos:
        return Note("The folder is empty although it held photos. Is its drive mounted?", "emptied")
    return None
