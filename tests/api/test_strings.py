"""Strings of the page: every language says all that English says, in words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from crispd.sample_queries import album_queries
from crispd.search.suggest.suggestions import DEFAULT_WORDS
from crispd.webui.asset_edition import AssetStore

STRINGS = AssetStore().edition().strings
ENGLISH = STRINGS["en"]
OTHERS = sorted(STRINGS.keys() - {"en"})
# The plural forms that CLDR knows of a language.
FORMS = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "fr": {"one", "many", "other"},
    "cs": {"one", "few", "many", "other"},
}
# Words that are the same in English.
SAME = {
    "de": {"Person", "Text", "Pause", "Version", "Code", "Name", "{what} in {place}"},
    "fr": {"Suggestions", "Date", "Distance", "Version", "Code", "train", "football", "pizza",
           "document", "temple"},
    "cs": {"Text", "Model", "Data", "pizza"},
}  # fmt: skip
# No word is in it.
PUNCTUATION = {"{name}: {value}", "{what}, {year}"}


def texts(value: Any) -> Iterator[str]:
    """The text, or all forms of it."""
    yield from [value] if isinstance(value, str) else value.values()


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated(language: str) -> None:
    strings = STRINGS[language]
    assert list(strings) == list(ENGLISH)
    assert strings["words"].keys() == {*DEFAULT_WORDS, *album_queries()}
    pairs = [(ENGLISH[key], strings[key]) for key in ENGLISH if key != "words"]
    same = {text for english, text in [*pairs, *strings["words"].items()] if english == text
            for text in texts(text)}  # fmt: skip
    assert same - PUNCTUATION == SAME[language]


@pytest.mark.parametrize("language", sorted(STRINGS))
def test_every_string_has_the_forms_and_the_places_of_its_language(language: str) -> None:
    def places(value: Any) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", " ".join(texts(value))))

    for key, value in STRINGS[language].items():
        if key == "words":
            continue
        assert re.fullmatch(r"\w+", key)
        assert all(texts(value)), key
        assert places(value) == places(ENGLISH[key]), key
        if not isinstance(value, str):
            assert value.keys() == FORMS[language], key
        if not isinstance(ENGLISH[key], str):
            assert not isinstance(value, str), key


def test_french_keeps_its_marks_on_the_line() -> None:
    """A space that does not break stands before ``: ; ! ?`` and within ``« »``."""
    for key, value in STRINGS["fr"].items():
        for text in texts(value):
            loose = re.findall(r"(?:[^\u202f][;!?]|[^\u00a0][:»]|«[^\u00a0]|')(?=\s|\w|$)", text)
            assert not loose, (key, text)
