"""Emoji are words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.query.emoji import spell_out
from crispd.query.request import SearchRequest, make_query


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("🐶", "dog"), ("🐶 🏖️", "dog beach umbrella"), ("red 🚗 2", "red automobile 2"),
        ("🎄", "christmas tree"), ("👩🏽", "woman"), ("❤️", "heart"), ("🇩🇪", "🇩🇪"),
        ("🐱🐱", "cat cat"), ("café, Müller & Co. – 20°", "café, Müller & Co. – 20°"),
        ("Hund", "Hund"),
    ],
)  # fmt: skip
def test_pictures_are_spelled_out(written: str, read: str) -> None:
    assert spell_out(written) == read


def test_a_query_of_a_picture() -> None:
    query = make_query(SearchRequest("🐶 in 2019"))
    assert (query.words, query.text) == ("dog", "🐶 in 2019")


@given(st.text())
def test_anything_can_be_spelled_out(text: str) -> None:
    assert spell_out(spell_out(text)) == spell_out(text)
