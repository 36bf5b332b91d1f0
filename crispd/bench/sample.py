"""A sample of photos to measure with: of a library, of folders, or of the album that comes along.

Originals are only read; what is measured are copies in a folder that goes away.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, PhotoError
from crispd.images.formats import is_candidate
from crispd.images.read import read_file
from crispd.platform.open_files import drop_cached
from crispd.sample_queries import ALBUM
from crispd.watch.exclusion.ignore_file import IgnoreRules
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crispd.store.reading.reads import Reader
    from crispd.types import DecodeLimits

# A walk through more would take longer than what is measured.
_MOST_WALKED = 20_000
# Of the room where copies go: they are not to fill it.
_SHARE_OF_DISK = 0.25
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """Copies: ``megabytes`` of one; ``read_ms``: reading one from where it lies. ``is_album``: of
    the album that comes with crispd, so nothing is said of anybody's photos.
    """

    photos: int
    megabytes: float
    read_ms: float
    is_album: bool


def photos_below(folders: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """Photos of folders as a scan would find them, some thousands at most."""
    return list(islice(_walked(folders, exclude), _MOST_WALKED))


def photos_known(reader: Reader, wanted: int) -> list[str]:
    """Photos of a library, from all times alike, more than are wanted: some may be away."""
    rows = reader.newest_rows()
    chosen = rows[:: max(len(rows) // (2 * wanted), 1)]
    return [f"{photo.root_path}/{photo.path}" for photo in reader.photos_at(chosen).values()]


def copy_sample(
    paths: Sequence[str], wanted: int, target: Path, limits: DecodeLimits, tell: Callable[[], None]
) -> Sample:
    """Copy ``wanted`` of them, chosen by chance; without ``paths``, photos of the album. ``tell``
    is called for each. Raises CrispdError where none can be read or there is no room.
    """
    album = not paths
    if album:
        paths = sorted(str(path) for path in ALBUM.glob("*.jpg"))
        chosen = [paths[number % len(paths)] for number in range(wanted)]
    else:
        chosen = random.Random(0).sample(list(paths), len(paths))
    room = shutil.disk_usage(target).free * _SHARE_OF_DISK
    copied, size, seconds, trouble = 0, 0, 0.0, ""
    for path in chosen:
        if copied == wanted:
            break
        _drop_cached(path)
        began = time.perf_counter()
        try:
            data, _ = read_file(path, limits)
        except PhotoError as error:
            trouble = f"{path}: {error}"
            continue
        seconds += time.perf_counter() - began
        size += len(data)
        if size > room:
            if not copied:
                raise CrispdError(
                    f"There is no room for copies of photos in {target.parent}: {room / _MB:.0f} "
                    "MB may be used. Name another folder with TMPDIR."
                )
            break
        # copies of the album's photos are photos of their own
        more = copied.to_bytes(4, "big") if album else b""
        name = f"{copied:05}{os.path.splitext(path)[1].lower()}"  # noqa: PTH122
        (target / name).write_bytes(data + more)
        copied += 1
        tell()
    if not copied:
        raise CrispdError(
            f"None of {len(chosen)} photos can be read. The last one is {trouble} "
            "Name a folder whose photos can be: crispd bench FOLDER"
        )
    return Sample(copied, size / copied / 1e6, 1000 * seconds / copied, album)


def _walked(folders: Sequence[str], exclude: Sequence[str]) -> Iterator[str]:
    for folder in folders:
        others = tuple(other for other in folders if other != folder)
        walk = Walk(folder, is_candidate, others=others)
        walk.ignore = ignore = IgnoreRules(folder, tuple(exclude))
        ignore.refresh()
        walk.excluded_folders = ExcludedFolders(folder, ignore.wants)
        yield from (f"{folder}/{file.path}" for file in walk)


def _drop_cached(path: str) -> None:
    """Let the disk be read, and not the memory that holds what was read of it before."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    try:
        drop_cached(descriptor)
    finally:
        os.close(descriptor)
