"""What people wrote of photos, and what the spelling makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crispd.packs.text.training_words import read_training_words
from crispd.query.dictionary import Dictionary
from crispd.query.spelling import SpellingCorrector
from tests.packs import golden

pytestmark = pytest.mark.data

# All that is corrected in strangers' captions, looked at one by one: each is a slip.
SLIPS = {
    ("whiile", "while"), ("peson", "person"), ("competior", "competitor"), ("streer", "street"),
    ("witha", "with"),
}  # fmt: skip
MOST = 0.0012  # share of 110,000 captions of others that may be touched: a third of it wrongly


@pytest.fixture(scope="module")
def speller() -> SpellingCorrector:
    return SpellingCorrector(
        read_training_words(golden.PACK / "words.txt"), "en", Dictionary.of("en")
    )


def texts(path: Path, *sets: str) -> list[str]:
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [text for row in rows if not sets or row["set"] in sets for text in row["captions"]]


def test_nothing_but_slips_of_strangers_is_corrected(
    collections: Path, speller: SpellingCorrector
) -> None:
    captions = texts(collections / "strangers" / "captions.jsonl", "coco", "names")
    changed = (pair for text in captions for pair in speller.read(text).changed)
    found = {(written.lower(), read) for written, read in changed}
    assert found <= SLIPS


def test_few_captions_are_touched(collections: Path, speller: SpellingCorrector) -> None:
    captions = texts(collections / "sentences" / "flickr30k.jsonl")
    touched = sum(bool(speller.read(text).changed) for text in captions)
    assert touched <= MOST * len(captions)
