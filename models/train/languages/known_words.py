"""The words that the tower for other languages was taught, and how often they are met, into a
finished pack: ``python -m train.languages.known_words --data DATA --dictionaries FOLDER --pack
PACK``.

One word alone tells a bag of letters little of its language. Whether it was taught says more: words
of the lexicon, of the classes and of the parallel sentences, with and without their marks. What
English commonly says as well is left out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from crispd.packs.text.hashed_words import words_of
from crispd.packs.text.known_words import KnownWords
from crispd.query.dictionary import Dictionary
from train.languages import word_counts
from train.languages.lexicon import Usage, class_names, read_lexicon
from train.languages.student import CODES, bare
from train.packing.sums import write_sums
from train.running.atomic import atomic, rewrite

FILE = "languages.words"
_TWICE = 2  # in sentences: once may be a slip
_COMMON = 7  # classes of the dictionary from which on a word is English, whoever else has it
HERE = Path(__file__).parent


def taught(data: Path, dictionaries: Path, counts: Mapping[str, int]) -> set[str]:
    """Single words in lower case; those that English has as well with their language before them
    (``de:boot``), unless they mean the same. ``counts``: English words by how often captions have
    them.
    """
    # of what captions have alone: with all basic words, England and Detroit were German
    lexicon = read_lexicon(dictionaries, Usage(counts, {}, frozenset()))
    pairs = [pair for pair in lexicon if len(words_of(pair.word)) == 1]
    found = {words_of(pair.word)[0] for pair in pairs}
    for _, _, name in class_names(HERE / "class_names.tsv"):
        found.update(words_of(name))
    met: Counter[str] = Counter()
    for line in (data / "sentences" / "parallel.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["split"] == "train":
            for code in CODES:
                met.update(words_of(row[code]))
    found |= {word for word, times in met.items() if times >= _TWICE and word.isalpha()}
    found |= {bare(word) for word in found}
    english = Dictionary.of("en")
    assert english is not None
    classes = english.classes(found)
    of_english = {word for word in found if classes.get(word, 0) >= _COMMON or word in counts}
    alike = {
        f"{pair.language}:{word}"
        for pair in pairs
        for word in words_of(pair.word)
        if word in of_english and word not in dict(pair.meanings)
    }
    return alike | {
        word for word in found if classes.get(word, 0) < _COMMON and not counts.get(word)
    }


def write_known_words(data: Path, dictionaries: Path, pack: Path) -> None:
    """Beside the tower; its manifest is told of it."""
    lines = (pack / "words.txt").read_text(encoding="utf-8").splitlines()
    counts = {word: int(count) for word, count in (line.split("\t") for line in lines)}
    with atomic(pack / FILE) as part:
        KnownWords.of(taught(data, dictionaries, counts)).write(part)
    with atomic(pack / word_counts.FILE) as part:
        word_counts.write_counts(word_counts.counted(data, dictionaries), part)
    manifest = pack / "pack.toml"
    for key, file in (("counts", word_counts.FILE), ("words", FILE)):
        text = manifest.read_text(encoding="utf-8")
        if f'{key} = "{file}"' not in text:
            before, head, rest = text.partition("\n[languages]\n")
            rewrite(manifest, f'{before}{head}{key} = "{file}"\n{rest}')
    write_sums(pack)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "dictionaries", "pack"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    chosen = parser.parse_args()
    write_known_words(chosen.data, chosen.dictionaries, chosen.pack)


if __name__ == "__main__":
    main()
