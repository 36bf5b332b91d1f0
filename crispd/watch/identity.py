"""The identity of a folder, judged by its files.

No marker is written: folders of photos are never written to, and many are mounted read-only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.watch.walk import Walk, stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types import KnownFile

_SAMPLE = 64  # files looked at: enough to tell, few enough for a sleeping drive
_FEWEST = 5  # with fewer known files nothing can be said
_STRANGER = 0.1  # below this share another drive is mounted there
_SAME = 0.9  # from this share on it is the folder that was known elsewhere


def is_stranger(path: str, known: Mapping[str, KnownFile]) -> bool:
    """Whether hardly any of the known files are there: another drive, or an emptied one.

    Where they lie in other folders of it now, it is the one that was known, in a new order.
    """
    share = _share_present(path, known)
    return share is not None and share < _STRANGER and _share_anywhere(path, known) < _STRANGER


def is_same(path: str, known: Mapping[str, KnownFile]) -> bool:
    """Whether nearly all of the known files are there, so that the folder has only moved."""
    share = _share_present(path, known)
    return share is not None and share >= _SAME


def _share_present(path: str, known: Mapping[str, KnownFile]) -> float | None:
    """Of files spread evenly over the folder; None where too few are known.

    Sizes are compared and not times: some file systems round them, others shift them by hours.
    """
    if len(known) < _FEWEST:
        return None
    sample = _sample(known)
    stamps = ((name, stamp_of(path, name)) for name in sample)
    there = sum(
        stamp is not None and stamp.size == known[name].stamp.size for name, stamp in stamps
    )
    return there / len(sample)


def _share_anywhere(path: str, known: Mapping[str, KnownFile]) -> float:
    """The same by name and size alone, wherever below the path: a walk, for when all seems lost."""
    wanted = {(_name(each), known[each].stamp.size) for each in _sample(known)}
    names = {name for name, _ in wanted}
    met = {(_name(file.path), file.stamp.size) for file in Walk(path, names.__contains__)}
    return len(wanted & met) / len(wanted)


def _sample(known: Mapping[str, KnownFile]) -> list[str]:
    names = sorted(known)
    step = max(len(names) / _SAMPLE, 1.0)
    return [names[int(number * step)] for number in range(min(_SAMPLE, len(names)))]


def _name(path: str) -> str:
    return path.rpartition("/")[2]
