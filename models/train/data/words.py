"""The list of words that ships with a pack, for putting slips of the finger right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from train.data import phrases
from train.data.texts import tokenizer
from train.towers.model import Corpus

_NAMED = 5  # a class name is a word that people may well ask for
_RARE = 3  # a word of captions met less often may be a misspelling itself


def write_words(folder: Path, corpus: Corpus) -> None:
    """``words.txt``: words of training texts and class names; those of the text tower with 0."""
    counts: Counter[str] = Counter()
    for photo in corpus.photos:
        if photo.split == "train":
            for caption in photo.captions:
                counts.update(phrases.words(caption))
    for variants in corpus.rows.names:
        for word in phrases.words(corpus.texts.strings[variants[0]]):
            counts[word] = max(counts[word], _NAMED)
    for american, british in phrases.OTHER_SHORE.items():
        for word in phrases.words(f"{american} {british}"):
            counts[word] = max(counts[word], _NAMED)
    known = {word: count for word, count in counts.items() if count >= _RARE}
    known |= {word: known.get(word, 0) for word in tokenizer().get_vocab()}
    lines = [
        f"{word}\t{known[word]}\n" for word in sorted(known) if word.isascii() and word.isalpha()
    ]
    (folder / "words.txt").write_text("".join(lines), encoding="utf-8")
