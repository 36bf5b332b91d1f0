"""Slips in German, French and Czech: ``python -m benchmarks.finding.other_spelling --data DATA``.

The everyday words of ``single_words.tsv`` get slips by dice, three of each kind, and are asked by
somebody whose language is told: how many come back, and how many lead to what the word means, as
they are typed and as they are read? Then sentences of ``DATA/sentences`` that no
count is of (splits dev and check), which people wrote with few slips: how many are touched? English
beside them.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.finding.single_words import LANGUAGES, words
from benchmarks.finding.spelling import KINDS, rows, slip
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.query.dictionary import Dictionary
from crispd.query.languages.other_spelling import OtherSpelling
from crispd.query.spelling import SpellingCorrector
from crispd.service.visual_words import is_town

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.packs.pack import Pack

_TIMES = 3  # a word and kind of slip
_SEED = 5
HEAD = [
    "language", "slips", "put right", "read as another word", "lead to their meaning as typed",
    "as read", "sentences touched",
]  # fmt: skip


def slips(language: str) -> Iterator[tuple[str, str]]:
    """What is written, and the word that is meant."""
    dice = random.Random(_SEED)
    for word in words()[language]:
        for kind in KINDS if len(word) >= 4 and word.isalpha() else ():
            for _ in range(_TIMES):
                try:
                    written = slip(word, kind, dice)
                except IndexError:  # no key is beside an accent
                    continue
                if written != word:
                    yield written, word


def read(pack: Pack, speller: SpellingCorrector, text: str, language: str) -> str:
    """As a search reads it."""
    other = pack.text_encoder.other_language(text, language) or ""
    return speller.read(text, language=other, spoken=language).text


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--show", type=int, default=40, help="corrections of sentences a language")
    options = parser.parse_args()
    pack = load_pack(find_pack(options.pack), index_threads=1, search_threads=1)
    own, *others = pack.manifest.language_codes
    speller = SpellingCorrector(
        pack.words, own, Dictionary.of(own), others,
        others=OtherSpelling(pack.other_counts, pack.other_words, is_town),
    )  # fmt: skip
    parallel = rows(options.data / "sentences" / "parallel.jsonl")
    sentences = [row for row in parallel if row["split"] != "train"]
    english = np.stack([pack.text_encoder.encode(word).embedding for word in words()["en"]])
    shown, kept = [], {}
    for language in (own, *LANGUAGES):
        found, count = Counter[str](), 0
        for written, meant in slips(language):
            heard, count = read(pack, speller, written, language), count + 1
            found["right"] += heard.lower() == meant.lower()
            found["wrong"] += heard.lower() != meant.lower() and heard != written
            for way, text in (("typed", written), ("read", heard)):
                vector = pack.text_encoder.encode(text, language).embedding
                nearest = int(np.argmax(english @ vector))
                found[way] += nearest == words()[language].index(meant)
        texts = [str(row[language]) for row in sentences]
        touched = [
            (text, heard)
            for text in texts
            if (heard := read(pack, speller, text, language)) != text
        ]
        shares = {
            "slips": count,
            **{way: found[way] / count for way in ("right", "wrong", "typed", "read")},
            "touched": len(touched) / len(texts),
        }
        shown.append([
            language, f"{count:,}", *(f"{shares[way]:.0%}" for way in ("right", "wrong")),
            *(f"{shares[way]:.0%}" for way in ("typed", "read")), f"{shares['touched']:.1%}",
        ])  # fmt: skip
        kept[language] = shares
        for text, heard in touched[: options.show]:
            pairs = zip(text.split(), heard.split(), strict=True)
            say(f"{language}: {', '.join(f'{a} → {b}' for a, b in pairs if a != b)}")
    table(HEAD, shown)
    keep(f"other_spelling_{options.pack}", kept)


if __name__ == "__main__":
    main()
