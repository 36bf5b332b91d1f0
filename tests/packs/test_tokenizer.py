"""Any text at all becomes word pieces that the graph takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crispd.errors import PackCorrupt, PackMismatch
from crispd.packs.manifest import TextPart
from crispd.packs.text.tokenizer import TextTokenizer
from tests.packs import small
from tests.properties import examples

if TYPE_CHECKING:
    from pathlib import Path

CLS, SEP, DOG, CAR = (small.WORDS.index(word) for word in ("[CLS]", "[SEP]", "dog", "car"))


def read(path: Path, most: int, **more: object) -> TextTokenizer:
    table = {"file": "text.onnx", "tokenizer": path.name, "max_tokens": most, **more}
    return TextTokenizer(path, TextPart.model_validate(table))


@pytest.fixture(scope="module")
def tokenizer(small_folder: Path) -> TextTokenizer:
    return read(small_folder / "tokenizer.json", 6)


def test_words(tokenizer: TextTokenizer) -> None:
    tokens = tokenizer("Dog  CAR")
    assert tokens.ids.tolist() == [[CLS, DOG, CAR, SEP]]
    assert tokens.mask.tolist() == [[1, 1, 1, 1]]
    assert not tokens.cut


def test_a_long_text_keeps_its_closing_token(tokenizer: TextTokenizer) -> None:
    assert not tokenizer("dog dog dog dog").cut
    tokens = tokenizer("dog dog dog dog car")
    assert tokens.ids.tolist() == [[CLS, DOG, DOG, DOG, DOG, SEP]]
    assert tokens.cut


def test_surrogate_pairs_are_joined_and_lone_ones_are_blanks(tokenizer: TextTokenizer) -> None:
    assert tokenizer("\ud83d\ude00").ids.tolist() == tokenizer("😀").ids.tolist()
    assert tokenizer("dog\ud800car\0").ids.tolist() == [[CLS, DOG, CAR, SEP]]


@pytest.mark.parametrize(
    "text", ["", "\0", "\u200b", "\ud800", "\u0301" * 9, "\x1b[0m", "x" * 10_000]
)
def test_odd_texts(tokenizer: TextTokenizer, text: str) -> None:
    tokens = tokenizer(text)
    assert tokens.ids[0, 0] == CLS
    assert tokens.ids[0, -1] == SEP


@settings(max_examples=examples(200))
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_every_text_fits(small_folder: Path, text: str) -> None:
    tokens = read(small_folder / "tokenizer.json", 6)(text)
    assert 1 <= tokens.ids.shape[1] <= 6
    assert tokens.ids.shape == tokens.mask.shape


def test_nothing_left_and_no_special_tokens(tmp_path: Path) -> None:
    small.save_tokenizer(tmp_path / "plain.json", special=False)
    tokenizer = read(tmp_path / "plain.json", 2)
    assert tokenizer("").ids.tolist() == [[0]]
    assert tokenizer("dog car dog").ids.tolist() == [[DOG, CAR]]


def test_no_room_for_a_word(small_folder: Path) -> None:
    with pytest.raises(PackMismatch, match=r"max_tokens is 2, .* no room for a word"):
        read(small_folder / "tokenizer.json", 2)


@pytest.mark.parametrize("content", ["", "{}", "[1]"])
def test_not_a_tokenizer(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(PackCorrupt, match=r"tokenizer\.json cannot be read"):
        read(tmp_path / "tokenizer.json", 6)


@pytest.mark.parametrize(
    ("side", "ids", "mask"),
    [("right", [CLS, DOG, SEP, 7, 7, 7], [1, 1, 1, 0, 0, 0]),
     ("left", [7, 7, 7, CLS, DOG, SEP], [0, 0, 0, 1, 1, 1])],
)  # fmt: skip
def test_padding(small_folder: Path, side: str, ids: list[int], mask: list[int]) -> None:
    more = {"length": 6, "pad_id": 7, "pad_side": side, "id_type": "int32"}
    tokens = read(small_folder / "tokenizer.json", 6, **more)("dog")
    assert tokens.ids.tolist() == [ids]
    assert tokens.mask.tolist() == [mask]
    assert tokens.ids.dtype == tokens.mask.dtype == np.int32


def test_padding_that_counts_as_words(small_folder: Path) -> None:
    tokens = read(small_folder / "tokenizer.json", 6, length=6, mask_pads=True)("dog")
    assert tokens.mask.tolist() == [[1] * 6]
