"""Slips of the finger."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crispd.query.dictionary import Dictionary
from crispd.query.spelling import SpellingCorrector, SpellingResult

COUNTS = {
    "birthday": 40, "cake": 60, "horse": 90, "house": 80, "hose": 3, "dog": 500, "dogs": 200,
    "flower": 30, "oatly": 0, "rex": 0, "labrador": 2, "beach": 90, "bench": 80, "horses": 20,
}  # fmt: skip
SPELLER = SpellingCorrector(COUNTS)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("brithday cake", "birthday cake"),
        ("birthdy", "birthday"),
        ("birrthday", "birthday"),
        ("birthdqy", "birthday"),
        ("grandma's Birthday: flwoer!", "grandma's Birthday: flower!"),
        ("Brithday", "birthday"),  # phones write the first word with a capital
        ("hosre", "horse"),
        ("horzes", "horses"),
    ],
)
def test_a_letter_wrong(written: str, read: str) -> None:
    assert SPELLER.read(written).text == read


@pytest.mark.parametrize(
    "text",
    [
        "oatly on the table",  # known, if rare
        "our trip with Brithday",  # a capital inside a sentence is a name
        "BRITHDAY",
        "dgo",  # three letters may be anything
        "horsse2022 horsse_2 hörsse",
        "Geburtstag",
        "flowers",  # a known word with an s
        "labradot",  # one away from a word that is rare itself
        "",
        "2021-07-03 🎂",
    ],
)
def test_left_alone(text: str) -> None:
    assert SPELLER.read(text) == SpellingResult(text)


def test_the_commonest_with_the_same_beginning_is_meant() -> None:
    assert SPELLER.read("bxach").text == "beach"
    assert SPELLER.read("hoqse").changed == (("hoqse", "horse"),)
    assert SpellingCorrector({"eagle": 900, "beagle": 5}).read("beagke").text == "beagle"


def test_the_likelier_slip_is_meant() -> None:
    assert SPELLER.read("hoise").text == "house"  # u is the key beside i; r lies elsewhere
    assert (
        SpellingCorrector({"dog": 900, "dogs": 300}).read("dosg").text == "dogs"
    )  # not a letter too many
    assert SpellingCorrector({"three": 90, "tree": 200}).read("trhee").text == "three"


def test_no_words_no_changes() -> None:
    assert SpellingCorrector({}).read("brithday") == SpellingResult("brithday")


def test_a_long_text_costs_no_more_than_a_model_reads() -> None:
    text = "brithday " * 200
    assert len(SPELLER.read(text).changed) == 64


TYPED = st.lists(st.sampled_from([*COUNTS, "brithday", "hrse", "2", "_", "Ä"]))


@given(st.text(max_size=60) | TYPED.map(" ".join))
@example("\ud800brithday\0")
def test_only_letters_change_and_every_change_is_told(text: str) -> None:
    found = SPELLER.read(text)
    runs = r"(?<!\w)[^\W\d_]+(?!\w)"
    assert re.split(runs, found.text) == re.split(runs, text)
    before, after = re.findall(runs, text), re.findall(runs, found.text)
    told = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert list(found.changed) == told
    assert SPELLER.read(found.text).text == found.text  # reading twice changes nothing more


def test_a_pack_of_many_languages_gets_every_question_as_it_was_written() -> None:
    speller = SpellingCorrector(
        {"dog": 500, "beach": 500}, "en", Dictionary.of("en"), ("de", "*"), corrects=False
    )
    for text in ("ein Hund am Strand", "un chien à la plage", "a dgo on the beahc", "perro"):
        assert speller.read(text) == SpellingResult(text)
    assert speller.knows("dog")  # what words of files are folded by
