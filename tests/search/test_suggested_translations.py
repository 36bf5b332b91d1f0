"""Suggested words in other languages."""

from __future__ import annotations

import pytest

from crispd.sample_queries import album_queries
from crispd.search.suggest.suggestions import DEFAULT_WORDS
from crispd.search.suggest.translations import translations


@pytest.mark.parametrize("language", ["de", "fr", "cs"])
def test_every_word_that_is_suggested_has_a_name(language: str) -> None:
    named = translations(language)
    assert set(DEFAULT_WORDS) <= set(named)
    assert set(album_queries()) - set(named) == set()
    assert all(name.strip() == name and name for name in named.values())


def test_other_languages_have_none() -> None:
    assert translations("en") == translations("") == translations("xx") == {}
