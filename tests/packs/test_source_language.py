"""Languages of short texts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.packs.manifest import TextPart
from crispd.packs.text.source_language import guess_language
from crispd.packs.text.tokenizer import TextTokenizer
from tests.packs import small

CODES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "hu", "tr", "fi", "ru", "uk",
    "zh", "ja", "ko", "el",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("two dogs on the beach", "en"), ("dog", "en"), ("", "en"), ("42", "en"),
        ("ein Hund am Strand", "de"), ("großer Hund", "de"), ("un chien à la plage", "fr"),
        ("un perro en la playa", "es"), ("due cani sulla spiaggia", "it"),
        ("een hond op het strand", "nl"), ("dwa psy na plaży", "pl"), ("pes na pláži v létě", "cs"),
        ("собака на пляже", "ru"), ("собака її друга", "uk"), ("海辺の犬", "ja"),
        ("海滩上的狗", "zh"), ("Strand", "de"), ("plage", "fr"), ("kočka", "cs"),
        ("해변의 개", "ko"), ("σκύλος", "el"),
    ],
)  # fmt: skip
def test_told(text: str, code: str) -> None:
    assert guess_language(text, CODES) == code


def test_only_among_those_that_there_are() -> None:
    assert guess_language("ein Hund am Strand", ("en", "fr")) == "en"
    assert guess_language("海辺の犬", ("en", "zh")) == "zh"
    assert guess_language("σκύλος", ("en", "de")) == "en"


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    assert guess_language(text, CODES) in CODES


def test_the_first_token_says_the_language(small_folder: Path) -> None:
    car, red, begins = (small.WORDS.index(word) for word in ("car", "red", "[CLS]"))
    part = TextPart.model_validate({
        "file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": 6,
        "language_ids": [["en", begins], ["de", red]],
    })  # fmt: skip
    tokenizer = TextTokenizer(small_folder / "tokenizer.json", part)
    assert tokenizer("the car").ids[0, 0] == begins
    german = tokenizer("das ist ein car").ids[0].tolist()
    assert (german[0], german[-2]) == (red, car)


@pytest.mark.data
def test_sentences_about_photos() -> None:
    path = Path(os.environ["CRISPD_TEST_DATA"]) / "sentences" / "parallel.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for code in ("en", "de", "fr", "cs"):
        texts = [row[code] for row in rows if row["split"] != "train" and row.get(code)]
        told = sum(guess_language(text, CODES) == code for text in texts)
        assert told > 0.97 * len(texts), code
