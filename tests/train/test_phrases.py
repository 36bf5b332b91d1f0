"""Sentences bent to what people type."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from train.data import phrases

SENTENCE = "A black dog is running through the snow with two children ."
SEEDS = st.integers(0, 10_000)


def test_the_meaning_is_in_the_stems_and_not_in_the_frame() -> None:
    assert phrases.meaning("a photo of two dogs on the beaches") == {"two", "dog", "beach"}
    assert phrases.meaning("Two DOGS") == phrases.meaning("two dog")


@given(SEEDS)
def test_a_fragment_says_nothing_new(seed: int) -> None:
    typed, meant = phrases.as_typed(SENTENCE, random.Random(seed))
    assert typed.strip()
    assert phrases.meaning(meant) <= phrases.meaning(SENTENCE)


@given(st.text(max_size=30), SEEDS)
def test_one_slip_changes_one_word_by_a_letter(text: str, seed: int) -> None:
    bent = phrases.misspelt(text, random.Random(seed))
    changed = [(a, b) for a, b in zip(text.split(" "), bent.split(" "), strict=True) if a != b]
    assert len(changed) <= 1
    assert all(a[0] == b[0] and abs(len(a) - len(b)) <= 1 for a, b in changed)


@pytest.mark.parametrize("name", ["cat", "ice cream", "jeans", "apple"])
def test_a_class_name_is_asked_for_in_several_ways(name: str) -> None:
    ways = phrases.names_of(name)
    assert ways[0] == name
    assert f"my {name}" in ways
    assert len(set(ways)) == len(ways) - (name.endswith("s"))
