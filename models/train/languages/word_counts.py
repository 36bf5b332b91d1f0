"""How often words of other languages are met, by which slips are put right."""

from __future__ import annotations

import json
import lzma
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from crispd.packs.text.hashed_words import words_of
from train.languages.lexicon import LANGUAGES, class_names, emoji

FILE = "languages.counts.xz"
_SHORTEST = 4  # letters: of shorter words slips are not put right
_LEAST = 3  # times a word is met before it is offered for a slip
# What a name of the classes, translated by hand, or of an emoji counts beside sentences.
_NAMED = 20
HERE = Path(__file__).parent


def counted(data: Path, dictionaries: Path) -> dict[str, Counter[str]]:
    """By language how often words are met: in sentences, as names of classes and of emoji. No word
    of a bilingual dictionary is among them: those are GPL's.
    """
    found: dict[str, Counter[str]] = {code: Counter() for code in LANGUAGES}
    for line in (data / "sentences" / "parallel.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["split"] == "train":
            for code in LANGUAGES:
                found[code].update(words_of(row[code]))
    named = [(code, name) for _, code, name in class_names(HERE / "class_names.tsv")]
    named += [(code, name) for code, name, _ in emoji(dictionaries / "annotations")]
    for code, name in named:
        for word in words_of(name):
            found[code][word] = max(found[code][word], _NAMED)
    return {code: _offered(counts) for code, counts in found.items()}


def _offered(counts: Counter[str]) -> Counter[str]:
    return Counter({
        word: count
        for word, count in counts.items()
        if count >= _LEAST and len(word) >= _SHORTEST and word.isalpha()
    })  # fmt: skip


def write_counts(counts: Mapping[str, Mapping[str, int]], path: Path) -> None:
    """As ``OtherCounts`` reads them, in powers of two: exact ones take a third more."""
    lines = [
        f"{code}\t{word}\t{2 ** round(math.log2(count))}\n"
        for code, words in counts.items()
        for word, count in sorted(words.items())
    ]
    path.write_bytes(lzma.compress("".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))
