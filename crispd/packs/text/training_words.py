"""The training words of a pack: each with its count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt

if TYPE_CHECKING:
    from pathlib import Path


def read_training_words(path: Path) -> dict[str, int]:
    """Counts by word. Raises PackCorrupt with the line that is wrong."""
    counts: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}. Install the pack again.") from error
    for number, line in enumerate(lines, 1):
        word, tab, count = line.partition("\t")
        if not (word and tab and count.isdecimal()):
            raise PackCorrupt(f"{path}, line {number}: a word, a tab and a count are expected.")
        counts[word] = int(count)
    return counts
