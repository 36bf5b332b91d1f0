"""The training words of a pack: each with its count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt, PackError
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.shared_files import place_of

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest

_SHIPPED = "mini"


def read_words(folder: Path, manifest: Manifest) -> dict[str, int]:
    """Of a pack: its own; of one that was made of a folder of others, where it reads English, those
    of the pack that ships, which are words of what photos show.
    """
    if manifest.text.words is not None:
        return read_training_words(place_of(folder, manifest, manifest.text.words))
    if manifest.neutral is None or manifest.pack.language != "en":
        return {}
    try:
        shipped = find_pack(_SHIPPED)
        words = read_manifest(shipped).text.words
    except PackError:
        return {}
    return {} if words is None else read_training_words(shipped / words)


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
