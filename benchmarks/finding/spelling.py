"""What the spelling makes of captions: ``python -m benchmarks.finding.spelling --data DATA``.

``DATA`` holds ``strangers``, ``flickr8k`` and ``sentences`` with captions that people wrote, and
``imagenet/classes.tsv``. Whatever is corrected in them is listed: whether wrongly is for a person
to judge. Then one content word of each caption gets a slip by dice: the key beside, two letters
swapped, one lost, one doubled; never the first letter. Counted is how often the word comes back.
Sentences in German, French and Czech show how often a foreign word is taken for a slip.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.common.report import keep, say, table
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.text.training_words import read_training_words
from crispd.query.dictionary import Dictionary
from crispd.query.edit_distance import adjacent_keys
from crispd.query.spelling import WORD, SpellingCorrector

KINDS = ("beside", "swapped", "lost", "doubled")
# Words that say little of a photo.
_SMALL = """with from that this their there while into over under some other which through front
    behind next about they them what near onto upon have been being"""
SMALL = frozenset(_SMALL.split())


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Of a file of JSON lines; none where it is missing."""
    if path.is_file():
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def captions(data: Path) -> dict[str, list[str]]:
    """Texts of people by set."""
    strangers = list(rows(data / "strangers" / "captions.jsonl"))
    found = {
        "strangers": [
            text for row in strangers if row["set"] == "coco" for text in row["captions"]
        ],
        "flickr30k": [
            text for row in rows(data / "sentences" / "flickr30k.jsonl") for text in row["captions"]
        ],
        "flickr8k": [
            text for row in rows(data / "flickr8k" / "captions.jsonl") for text in row["captions"]
        ],
    }
    classes = data / "imagenet" / "classes.tsv"
    if classes.is_file():
        lines = classes.read_text(encoding="utf-8").splitlines()
        found["class names"] = [line.split("\t")[2] for line in lines]
    return {name: texts for name, texts in found.items() if texts}


def slip(word: str, kind: str, dice: random.Random) -> str:
    """A word with one slip behind its first letter."""
    at = dice.randrange(1, len(word) - (kind == "swapped"))
    if kind == "beside":
        return word[:at] + dice.choice(sorted(adjacent_keys(word[at]))) + word[at + 1 :]
    if kind == "swapped":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + (word[at + 1 :] if kind == "lost" else word[at] + word[at:])


def slips(
    texts: list[str], known: Dictionary, count: int, seed: int
) -> Iterator[tuple[str, str, str, str]]:
    """Kind, word, what was written for it, and the text with that."""
    dice, made = random.Random(seed), 0
    for text in dice.sample(texts, len(texts)):
        words = [
            found
            for found in WORD.finditer(text)
            if len(found[0]) >= 4
            and found[0].isascii()
            and found[0].islower()
            and found[0] not in SMALL
            and found[0] in known
        ]
        if not words or made == count:
            continue
        found, kind = dice.choice(words), KINDS[made % len(KINDS)]
        written = slip(found[0], kind, dice)
        if written != found[0]:
            made += 1
            yield kind, found[0], written, text[: found.start()] + written + text[found.end() :]


def corrected(speller: SpellingCorrector, texts: list[str]) -> tuple[int, Counter[str]]:
    """How many texts were touched, and the corrections."""
    touched, pairs = 0, Counter[str]()
    for text in texts:
        changed = speller.read(text).changed
        touched += bool(changed)
        pairs.update(f"{written.lower()} → {read}" for written, read in changed)
    return touched, pairs


def outcome(speller: SpellingCorrector, meant: str, written: str, text: str) -> str:
    """Whether a slip is put right."""
    read = dict(speller.read(text).changed).get(written)
    return "right" if read == meant else "left" if read is None else "wrong"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--slips", type=int, default=4000, help="a set and seed")
    parser.add_argument("--show", type=int, default=100, help="corrections a set")
    options = parser.parse_args()
    folder = find_pack(options.pack)
    manifest = read_manifest(folder)
    counts = (
        {} if manifest.text.words is None else read_training_words(folder / manifest.text.words)
    )
    known = Dictionary.of("en")
    assert known is not None
    speller = SpellingCorrector(counts, manifest.pack.language, known)
    sets = captions(options.data)
    figures: dict[str, Any] = {"touched": {}, "slips": {}, "foreign": {}}
    for name, texts in sets.items():
        touched, pairs = corrected(speller, texts)
        figures["touched"][name] = [touched, len(texts), pairs]
        shown = ", ".join(f"{pair} ({count})" for pair, count in pairs.most_common(options.show))
        say(f"{name}: {touched} of {len(texts)} captions ({touched / len(texts):.3%}): {shown}\n")
    lines = []
    for name, texts in sets.items():
        seeds = range(5 if len(texts) < options.slips else 1)
        made = [one for seed in seeds for one in slips(texts, known, options.slips, seed)]
        found = Counter((kind, outcome(speller, *rest)) for kind, *rest in made)
        shares = {
            kind: {end: 100 * found[kind, end] / sum(found[kind, other] for other in _ENDS)
                   for end in _ENDS}
            for kind in KINDS
        }  # fmt: skip
        whole = {end: sum(shares[kind][end] for kind in KINDS) / len(KINDS) for end in _ENDS}
        figures["slips"][name] = {"all": whole, **shares}
        for kind, share in figures["slips"][name].items():
            lines.append([name, kind, *(f"{share[end]:.1f}" for end in _ENDS)])
    table(["slips in", "kind", *(f"{end}, %" for end in _ENDS)], lines)
    foreign = list(rows(options.data / "sentences" / "parallel.jsonl"))
    for language in ("de", "fr", "cs"):
        texts = [row[language] for row in foreign]
        if texts:
            touched, _ = corrected(speller, texts)
            figures["foreign"][language] = [touched, len(texts)]
            say(f"{language}: {touched} of {len(texts)} sentences corrected")
    keep("spelling", figures)


_ENDS = ("right", "left", "wrong")

if __name__ == "__main__":
    main()
