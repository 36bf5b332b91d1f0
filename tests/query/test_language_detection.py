"""Questions in other languages, told by the words of the pack that ships."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.packs.pack import Pack
from crispd.query.language_detection import LanguageDetector
from crispd.query.spelling import SpellingCorrector
from tests.packs import golden

FOREIGN = [
    "Hund am Strand", "ein Kind mit einem roten Ball", "Geburtstagskuchen auf dem Tisch",
    "Katze im Schnee", "chien sur la plage", "un enfant avec un ballon", "perro en la playa",
    "niños jugando con una pelota",
    "cane sulla spiaggia", "cachorro na praia", "hond op het strand",
    "barn på stranden", "كلب على الشاطئ", "狗在海滩上", "собака на пляже", "כלב על החוף", "παιδί",
]  # fmt: skip
ENGLISH = [
    "a dog on a beach", "los angeles beach", "cat", "brithday cake", "tour de france",
    "grandma's birthday cake", "Königsberg, 1944!", "café in paris", "san francisco bridge",
    "a man in a red shirt", "IMG_2022", "lamborghini", "🐶", "", "las vegas at night", "receipt",
    "kids on a trampoline", "ski", "a VW Golf", "will ferrell", "notre dame", "el capitan",
]  # fmt: skip


@pytest.fixture(scope="module")
def mini() -> Pack:
    return golden.load()


@pytest.fixture(scope="module")
def tongue(mini: Pack) -> LanguageDetector:
    return LanguageDetector("en", mini.words)


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages_are_noticed(tongue: LanguageDetector, text: str) -> None:
    assert tongue.is_foreign(text)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_not(tongue: LanguageDetector, text: str) -> None:
    assert not tongue.is_foreign(text)


def test_a_pack_without_words_says_nothing() -> None:
    assert not LanguageDetector("en", {}).is_foreign("Hund am Strand")


def test_a_pack_of_another_language_knows_its_letters() -> None:
    assert not LanguageDetector("de", {"hund": 3, "strand": 1, "am": 1}).is_foreign(
        "Hund am Strand"
    )
    assert LanguageDetector("de", {"hund": 3, "strand": 1}).is_foreign("собака")


def test_words_of_another_language_are_no_slips(mini: Pack) -> None:
    speller = SpellingCorrector(mini.words, "en")
    found = speller.read("Hund am Strand")
    assert (found.text, found.changed, found.foreign) == ("Hund am Strand", (), "English")
    assert speller.read("brithday", correct=False).text == "brithday"
    assert speller.read("brithday").text == "birthday"


def test_all_languages_that_are_read_are_named(mini: Pack) -> None:
    found = SpellingCorrector(mini.words, "en", more=("de", "cs")).read("perro en la playa")
    assert found.foreign == "English, German or Czech"
    assert SpellingCorrector(mini.words, "en", more=("de",)).read("perro en la playa").foreign == (
        "English or German"
    )


def test_a_word_of_any_length_is_read_at_once(mini: Pack) -> None:
    started = time.process_time()
    assert SpellingCorrector(mini.words, "en").read("x" * 10_000).changed == ()
    assert time.process_time() - started < 0.5


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    LanguageDetector("en", {"dog": 3}).is_foreign(text)
