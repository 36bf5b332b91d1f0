"""Checks of the thumbnail cache: its contents and its limit."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crispd.doctor.findings import Finding, good, warning
from crispd.images.thumbnails import stored_sizes
from crispd.thumbnails.cache import budget_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.store.inspection.inspect import DatabaseInspection

_MB = 2**20
_NEARLY = 0.9


@dataclass(frozen=True, slots=True)
class ThumbnailSettings:
    """Of the settings: pixels of the smallest, and what all may take; 0 MB: a share of the disk."""

    smallest: int
    budget_mb: int


def check_thumbnails(
    folder: Path, found: DatabaseInspection, wanted: ThumbnailSettings
) -> Iterator[Finding]:
    """How many there are of each size, what they take, and how many photos have none."""
    if not found.there or found.wrong or not folder.exists():
        return
    counts, used = _kept(folder, found.unseen)
    budget = wanted.budget_mb * _MB or budget_of(shutil.disk_usage(folder).total)
    sizes = ", ".join(f"{size}: {counts[size]}" for size in stored_sizes(wanted.smallest))
    seen = f"{used // _MB} of {budget // _MB} MB; by their pixels {sizes}"
    missing = found.contents - counts[wanted.smallest]
    if missing <= 0:
        yield good("thumbnails", seen)
        return
    seen += f"; {missing} of {found.contents} photos have none"
    if used < budget * _NEARLY:
        yield good("thumbnails", f"{seen} yet: they are made when somebody looks")
        return
    yield warning(
        "thumbnails",
        seen,
        "They are made each time somebody looks, if their drive is there. "
        "thumbnail_cache_mb gives them more room.",
    )


def _kept(folder: Path, unseen: frozenset[str]) -> tuple[Counter[int], int]:
    """Files by pixels but for those of ``unseen`` contents, and the bytes of all. Nothing is
    touched.
    """
    counts: Counter[int] = Counter()
    used = 0
    for place, _, names in os.walk(folder):
        size = "".join(Path(place).relative_to(folder).parts[:1]).removesuffix("px")
        for name in names:
            if name.endswith(".jpg") and size.isdecimal():
                counts[int(size)] += name.removesuffix(".jpg") not in unseen
                used += _bytes(os.path.join(place, name))  # noqa: PTH118 - 180,000 of them
    return counts, used


def _bytes(path: str) -> int:
    try:
        return os.stat(path).st_blocks * 512  # noqa: PTH116
    except OSError:  # evicted meanwhile
        return 0
