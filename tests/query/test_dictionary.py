"""What is a word and what becomes of others, with the pack and the dictionary that ship."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.packs.text.training_words import read_training_words
from crispd.query import dictionary
from crispd.query.dictionary import Dictionary
from crispd.query.edit_distance import edits_of
from crispd.query.spelling import SpellingCorrector
from tests.packs import golden


@pytest.fixture(scope="module")
def english() -> Dictionary:
    found = Dictionary.of("en")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def counts() -> dict[str, int]:
    return read_training_words(golden.PACK / "words.txt")


@pytest.fixture(scope="module")
def speller(english: Dictionary, counts: dict[str, int]) -> SpellingCorrector:
    return SpellingCorrector(counts, "en", english)


FILE = Path(dictionary.__file__).parent / "dictionaries" / "en.txt"
SMALL = Dictionary(b"bear\t8\ncats\t9\nzoes\t0\nbeard\t5\ncouch\t6\nbridle\t2\n")


@pytest.mark.parametrize("word", [
    "couches", "bunches", "sprinkles", "bridle", "graze", "munching", "saucer", "collage", "cuddle",
    "bedding", "burly", "tines", "teat", "suckling", "shaving", "loom", "ballerina", "mopping",
    "passersby", "welds", "mannequin", "raking", "graying", "goers", "frolics", "uncoiled",
    "jewellery", "colours", "greyish", "lido", "joss", "floe", "oast", "entrees", "flambe",
    "couldn't", "Lauren", "antwerp", "hawaiian", "selfies",
])  # fmt: skip
def test_words_are_left_alone(speller: SpellingCorrector, word: str) -> None:
    for text in (word, f"a photo of {word} in the garden"):
        assert speller.read(text).changed == ()


@pytest.mark.parametrize(("written", "read"), [
    ("mountians", "mountains"), ("brithday", "birthday"), ("beahc", "beach"), ("whiile", "while"),
    ("peson", "person"), ("carrying", "carrying"), ("carying", "carrying"), ("dosg", "dogs"),
    ("plasy", "plays"), ("sunst", "sunset"), ("recieving", "receiving"), ("bicyle", "bicycle"),
    ("resturant", "restaurant"), ("overiew", "overview"), ("Sandwcih", "sandwich"),
])  # fmt: skip
def test_slips_are_put_right(speller: SpellingCorrector, written: str, read: str) -> None:
    assert speller.read(written).text == read


@given(st.data())
def test_no_word_of_the_dictionary_is_corrected(
    english: Dictionary, speller: SpellingCorrector, data: st.DataObject
) -> None:
    words, _ = english._by_size[data.draw(st.sampled_from(sorted(english._by_size)))]
    word = words[data.draw(st.integers(0, len(words) - 1))].decode()
    ending = data.draw(st.sampled_from(["", "s"]))
    assert speller.read(f"a {word}{ending}").changed == ()


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9))
def test_what_is_put_in_place_is_common_and_a_slip_away(
    english: Dictionary, speller: SpellingCorrector, counts: dict[str, int], text: str
) -> None:
    for written, read in speller.read(text).changed:
        assert read in edits_of(written)
        common = english.classes([read]).get(read, 0) >= 5
        assert common or counts.get(read, 0) >= 3
        assert written not in english


def test_a_word_of_the_library_is_asked_for_and_left_alone(speller: SpellingCorrector) -> None:
    asked = []

    def names() -> set[str]:
        asked.append(True)
        return {"dalbi"}

    assert speller.read("a dog on the beach", names=names).changed == ()
    assert not asked  # nobody waits for names that are not needed
    assert speller.read("beahc by night", names=names).changed == (("beahc", "beach"),)
    assert asked
    name = "montains"
    assert speller.read(name).changed
    assert speller.read(name, names=lambda: {name}).changed == ()


def test_classes_and_plurals() -> None:
    assert SMALL.classes(["bear", "beard", "zoes", "bea", "x" * 30, "bär"]) == {
        "bear": 8, "beard": 5, "zoes": 0,
    }  # fmt: skip
    assert "bridles" in SMALL
    assert "beard" in SMALL
    assert "bride" not in SMALL
    assert "s" not in SMALL
    # a rare word is never offered, a common one is
    alone = SpellingCorrector({}, "", SMALL)
    assert alone.read("bridel").changed == ()
    assert alone.read("baer").text == "bear"


def test_languages(english: Dictionary) -> None:
    assert Dictionary.of("de") is None
    assert Dictionary.of("") is None
    british = Dictionary.of("en-GB")
    assert british is not None
    assert "colour" in british


def test_the_file_is_in_order() -> None:
    lines = FILE.read_text("ascii").splitlines()
    assert all(re.fullmatch(r"[a-z]{4,24}\t[0-9]", line) for line in lines)
    words = [line[:-2] for line in lines]
    assert words == sorted(set(words), key=lambda word: (len(word), word))
    assert "Kevin Atkinson" in FILE.with_name("en.LICENCE.txt").read_text()
