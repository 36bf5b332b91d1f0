"""What a walk of a folder means against what SQLite knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crispd.types import FoundFile, KnownFile


@dataclass(frozen=True, slots=True)
class Plan:
    """``fresh``: new or changed files. ``missing``: known paths that the walk did not meet.

    ``known``: how many paths of the root are known in all. ``stood_for``: RAWs beside a picture
    that is the photo (see pairs).
    """

    fresh: list[FoundFile]
    missing: list[str]
    unchanged: int
    known: int
    stood_for: frozenset[str] = frozenset()


def reconcile(
    known: Mapping[str, KnownFile],
    found: Iterable[FoundFile],
    unseen: Mapping[str, str],
    folder: str = "",
) -> Plan:
    """Compare. ``unseen`` is read after ``found`` is exhausted: the walk fills it on its way.

    Nothing below a folder that could not be listed counts as missing, nor anything outside
    ``folder``, the part of the root that was walked.
    """
    fresh: list[FoundFile] = []
    met: set[str] = set()
    for file in found:
        met.add(file.path)
        row = known.get(file.path)
        if row is None or row.stamp != file.stamp or row.outdated:
            fresh.append(file)
    blind = tuple(unseen)
    missing = [
        path
        for path in known
        if path not in met and _below(path, folder) and not any(_below(path, f) for f in blind)
    ]
    return Plan(fresh, missing, len(met) - len(fresh), len(known))


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(folder + "/")
