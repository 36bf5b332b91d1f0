"""Folders that programs keep for themselves: thumbnails, previews, caches, crispd's data.

crispd recognises such a folder by its program's marker, or by its content and neighbours. A name
alone decides only if nobody would give it to an album, so an album called "Previews" stays. The
names come from each program's documentation or source.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from crispd.types import displayable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Has = Callable[[str], bool]  # whether a folder has an entry of this name

# The file that crispd writes into its data folder; those of before are told by two of its files.
DATA_MARKER = ".crispd-data"
_OLD_DATA = ("crispd.sqlite3", "crispd.lock")
CRISPD_DATA = "data of crispd"
# Of a data folder that is itself a photo folder: what is never a photo all the same.
CRISPD_OWN = frozenset({"thumbnails", "index", "tls", "evaluations"})

# bford.info/cachedir: whoever writes this says that what lies there can be made again.
CACHE_TAG = "CACHEDIR.TAG"
CACHE_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"

# Files that make a folder one of these when they appear in it.
MARKERS = frozenset({DATA_MARKER, CACHE_TAG, ".ppstorage", ".immich"})

_IMMICH = frozenset({"thumbs", "encoded-video", "profile", "backups"})
_NEXTCLOUD_DATA = re.compile(r"appdata_oc[0-9a-z]{6,}")
_NEXTCLOUD_USER = frozenset({"files_trashbin", "files_versions", "thumbnails", "cache", "uploads"})
_APPLE = (".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary")
_APPLE_PHOTOS = frozenset({"originals", "masters", "modified"})
_IPHOTO_OWN = frozenset({"thumbnails", "previews", "ipod photo cache", "apple tv photo cache"})
_LYCHEE = frozenset({"small", "small2x", "medium", "medium2x", "thumb", "thumb2x"})
_CRISPD_THUMBNAILS = ("320px", "480px", "1280px")


def identify_by_content(name: str, path: str, has: Has) -> str | None:
    """Whose folder it is, in a few words, by what lies in it; None for any other.

    ``path``: absolute, for the one marker that has to be read.
    """
    if is_crispd_data(has):
        return CRISPD_DATA
    if has(".ppstorage"):
        return "storage of PhotoPrism"
    if has("square_thumbnails") and has("thumbnails_big"):
        return "thumbnails of LibrePhotos"
    if has("pyproject.toml") and has("crispd") and has("models"):
        return "the program crispd"
    if name.lower() in _IMMICH and has(".immich"):
        return f"{name} of Immich"
    if name == "thumbnails" and _are_thumbnails(has):
        return "thumbnails"
    if has(CACHE_TAG) and _is_cache(path):
        return "a cache (CACHEDIR.TAG)"
    return None


def identify_by_siblings(parent: str, name: str, beside: Has) -> str | None:
    """Whose folder it is by its name, what lies beside it, and the name of the folder around it."""
    low = name.lower()
    if low.endswith(".lrdata"):
        return "previews of Lightroom"
    if low.startswith("mipmaps-") and low.endswith(".d"):
        return "previews of darktable"
    if low in _IMMICH and _is_immich(beside):
        return f"{name} of Immich"
    if _NEXTCLOUD_DATA.fullmatch(low):
        return "previews of Nextcloud"
    if low in _NEXTCLOUD_USER and beside("files") and beside("files_trashbin"):
        return f"{name} of Nextcloud"
    if parent.lower().endswith(_APPLE) and low not in _APPLE_PHOTOS:
        return "previews of Apple Photos"
    if low in _IPHOTO_OWN and beside("AlbumData.xml"):
        return "previews of iPhoto"
    if name == "_data" and beside("galleries") and beside("upload"):
        return "previews of Piwigo"
    if low in _LYCHEE and beside("thumb") and beside("thumb2x"):
        return "thumbnails of Lychee"
    return None


def is_crispd_data(has: Has) -> bool:
    """Whether a folder is the data folder of a crispd, this one or another."""
    return has(DATA_MARKER) or all(map(has, _OLD_DATA))


def entries_of(path: str) -> Has:
    """Asks the disk; a look at each name."""
    return lambda name: os.path.lexists(f"{path}/{name}")


def _is_immich(beside: Has) -> bool:
    """As a version that writes no markers yet keeps its folders."""
    return beside("encoded-video") and beside("thumbs") and (beside("upload") or beside("library"))


def _are_thumbnails(has: Has) -> bool:
    """Of a crispd whose data folder lies elsewhere, or as freedesktop.org has programs do it."""
    return any(map(has, _CRISPD_THUMBNAILS)) or (has("normal") and has("large"))


def _is_cache(path: str) -> bool:
    # O_NONBLOCK: a pipe of that name must not wait for a writer.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
    try:
        descriptor = os.open(f"{path}/{CACHE_TAG}", flags)
    except OSError:
        return False
    try:
        return os.read(descriptor, len(CACHE_SIGNATURE)) == CACHE_SIGNATURE
    except OSError:
        return False
    finally:
        os.close(descriptor)


def by_owner(kept: Mapping[str, str]) -> dict[str, list[str]]:
    """Folders by whose they are."""
    found: dict[str, list[str]] = {}
    for path, whose in kept.items():
        found.setdefault(whose, []).append(path)
    return found


def exclusion_sentence(whose: str, paths: Sequence[str]) -> str:
    """For people: what is left out, and of how many folders."""
    count = "1 folder" if len(paths) == 1 else f"{len(paths)} folders"
    return f"{count} left out, {whose} (such as {displayable(paths[0])})"
