"""Whether RAWs and the pictures beside them are of one photo, as far as SQLite can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crispd.ingest.raw_pairs import is_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crispd.types import CaptureKey, FileStamp, FoundFile

    Judge = Callable[[FoundFile, list[str]], bool | None]


class KnownCaptures(Protocol):
    """What is asked of SQLite."""

    def captures(self, root_id: int, paths: Sequence[str]) -> Mapping[str, CaptureKey]:
        """What those of the paths that are searchable say of their moment."""

    def paired_raws(self, root_id: int) -> Mapping[str, tuple[FileStamp, CaptureKey]]:
        """The same of RAWs that a picture stands for, and the stamps they had."""


def pair_decision(known: KnownCaptures, root_id: int) -> Judge:
    """For a walk of a root. It answers None for a RAW of which nothing is known yet."""
    paired = known.paired_raws(root_id)

    def judge(raw: FoundFile, pictures: list[str]) -> bool | None:
        found = dict(known.captures(root_id, [raw.path, *pictures]))
        own = found.pop(raw.path, None)
        if own is None and raw.path in paired:
            stamp, said = paired[raw.path]
            if (stamp.size, stamp.mtime_ns) == (raw.stamp.size, raw.stamp.mtime_ns):
                own = said
        if own is None:
            return None
        return any(is_pair(own, each) for each in found.values())

    return judge
