"""A cache of RAW and picture names by folder. A folder is listed again only after a change."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from crispd.images.formats import is_developed, is_raw

if TYPE_CHECKING:
    from collections.abc import Callable

DirectoryNames = dict[str, list[str]]

# Batches go through a folder at a time, a walk and a few events beside each other.
_KEPT = 16
# A change within the same tick of the file system's clock leaves the folder's time as it was: what
# is as young as this is not believed to stay.
_SETTLED_NS = 2_000_000_000


# What telephones put behind the name of a photo that they keep as a RAW and a picture: Pixels
# PXL_1.RAW-01.COVER.jpg and PXL_1.RAW-02.ORIGINAL.dng, Lumias WP_1_Raw.jpg and
# WP_1_Raw__highres.dng, others IMG_1_RAW.dng beside IMG_1.jpg.
_PART = re.compile(
    r"(?:\.raw-\d+(?:\.mp)?\.(?:cover|original)|(?:[-_ ]raw)?__highres|[-_ ]raw)$", re.IGNORECASE
)


def folder_of(path: str) -> tuple[str, str]:
    """Folder, and the name without its extension, its case and what tells parts of a photo."""
    folder, _, name = path.rpartition("/")
    return folder, _PART.sub("", name.rpartition(".")[0]).casefold()


class DirectoryCache:
    """Paths of RAWs and pictures by folder and stem. Thread-safe.

    Listing a folder of ten thousand files takes 20 ms, and every batch of eight photos needs it.
    """

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[int, DirectoryNames]] = OrderedDict()

    def of(self, root: str, folder: str) -> DirectoryNames:
        """Paths of RAWs and pictures in a folder by their stems; none where it cannot be listed."""
        where = f"{root}/{folder}" if folder else root
        try:
            changed = os.stat(where).st_mtime_ns  # noqa: PTH116 - names in any bytes
        except OSError:
            return {}
        with self._lock:
            known = self._known.get(where)
            if known is not None and known[0] == changed:
                self._known.move_to_end(where)
                return known[1]
        names = _names(where, folder)
        if 0 <= self._clock() - changed < _SETTLED_NS:
            return names
        with self._lock:
            self._known[where] = (changed, names)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return names


def _names(where: str, folder: str) -> DirectoryNames:
    """Of a folder; empty where it cannot be listed."""
    found: DirectoryNames = {}
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                if is_raw(entry.name) or is_developed(entry.name):
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    found.setdefault(folder_of(path)[1], []).append(path)
    except OSError:
        return {}
    return found
