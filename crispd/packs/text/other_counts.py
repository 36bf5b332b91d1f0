"""How often words of a pack's other languages were met, for the correction of slips."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class OtherCounts:
    """Lines of a language, a word and its count, with tabs between, compressed by xz. A language
    is read when it is first asked for, in 20 ms: most houses never ask in two of three.
    """

    path: Path

    def __call__(self, language: str) -> Mapping[str, int]:
        """Counts by word, in lower case. Raises PackCorrupt with the line that is wrong."""
        return _read(self.path, language)


@lru_cache(maxsize=8)
def _read(path: Path, language: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    try:
        lines = lzma.decompress(path.read_bytes()).decode("utf-8").splitlines()
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}. Install the pack again.") from error
    for number, line in enumerate(lines, 1):
        code, *rest = line.split("\t")
        if len(rest) != 2 or not rest[0] or not rest[1].isdecimal():
            raise PackCorrupt(
                f"{path}, line {number}: a language, a word and a count are expected."
            )
        if code == language:
            counts[rest[0]] = int(rest[1])
    return counts
