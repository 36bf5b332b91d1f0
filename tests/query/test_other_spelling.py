"""Slips in German, French and Czech."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.query.dictionary import Dictionary
from crispd.query.languages.other_spelling import OtherSpelling
from crispd.query.spelling import SpellingCorrector, SpellingResult
from crispd.service.visual_words import is_town
from tests.packs import golden

COUNTS = {
    "de": {"hund": 900, "katze": 300, "straße": 200, "schnee": 90, "hunde": 90, "mädchen": 800},
    "cs": {"kočka": 60, "pták": 40, "růže": 30, "dívka": 600},
}
OTHERS = OtherSpelling(lambda code: COUNTS.get(code, {}), frozenset({"rabe", "cs:most"}))
SPELLER = SpellingCorrector({"dog": 500, "beach": 90, "boot": 60}, "en", None, ["de", "cs"],
                            others=OTHERS)  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> SpellingCorrector:
    pack = golden.shipped()
    language, *others = pack.manifest.language_codes
    return SpellingCorrector(
        pack.words, language, Dictionary.of(language), others,
        others=OtherSpelling(pack.other_counts, pack.other_words),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spoken", "written", "read"),
    [
        ("de", "Hnud", "Hund"),
        ("de", "katse", "katze"),
        ("de", "Strase", "Straße"),
        ("de", "Maedchen", "Mädchen"),
        ("de", "Katze im Shcnee", "Katze im Schnee"),
        ("de", "Rabe", "Rabe"),  # known, if never met
        ("de", "Hunden", "Hunden"),  # another ending is another form
        ("de", "dgo", "dgo"),
        ("de", "baech", "beach"),  # English is read as well
        ("cs", "kocka", "kočka"),
        ("cs", "ptáák", "pták"),
        ("cs", "kočak", "kočka"),
        ("cs", "most", "most"),
        ("cs", "divka", "dívka"),
        ("cs", "divkou", "divkou"),
        ("", "katse", "katse"),  # nobody says that it is German
        ("en", "katse", "katse"),
        ("fr", "katse", "katse"),
    ],
)
def test_a_letter_wrong(spoken: str, written: str, read: str) -> None:
    assert SPELLER.read(written, spoken=spoken).text == read


def test_a_text_that_is_in_a_language_is_read_in_it_alone() -> None:
    assert SPELLER.read("ein Hnud", language="de").changed == (("Hnud", "Hund"),)
    assert SPELLER.read("baech", language="de").text == "baech"


def test_whose_accents_are_there_sees_them() -> None:
    """An accent is no slip beside another one."""
    assert SPELLER.read("rúže", spoken="cs").text == "rúže"
    assert SPELLER.read("ruze", spoken="cs").text == "růže"


def test_the_language_of_whoever_asks_comes_first() -> None:
    both = OtherSpelling(lambda code: {"de": {"katze": 100}, "cs": {"katka": 100}}.get(code, {}))
    speller = SpellingCorrector({}, "en", None, ["de", "cs"], others=both)
    assert speller.read("katxe", language="cs", spoken="de").text == "katze"
    assert speller.read("katla", language="de", spoken="cs").text == "katka"


@pytest.mark.parametrize(
    ("spoken", "text"),
    [("de", "Tante"), ("de", "Onkel"), ("cs", "teta"), ("cs", "pátek"), ("cs", "leden"),
     ("fr", "juillet")],
)  # fmt: skip
def test_people_and_times_are_no_slips(shipped: SpellingCorrector, spoken: str, text: str) -> None:
    assert shipped.read(text, spoken=spoken).text == text


def test_a_town_is_no_slip() -> None:
    towns = OtherSpelling(OTHERS.counts, is_name={"hnud"}.__contains__)
    speller = SpellingCorrector({}, "en", None, ["de"], others=towns)
    assert speller.read("Hnud", spoken="de").text == "Hnud"
    assert is_town("flensburg")
    assert not is_town("schmeterling")


def test_words_of_the_library_and_of_no_wish_to_correct_stay() -> None:
    assert SPELLER.read("Hnud", spoken="de", names=lambda: {"hnud"}).text == "Hnud"
    assert SPELLER.read("Hnud", spoken="de", correct=False) == SpellingResult("Hnud")


@pytest.mark.parametrize(
    ("spoken", "written", "read"),
    [
        ("de", "Schmeterling", "Schmetterling"),
        ("de", "Geburtstga", "Geburtstag"),
        ("fr", "papilon", "papillon"),
        ("fr", "chvaux", "chevaux"),
        ("cs", "pavuok", "pavouk"),
        ("cs", "slunce", "slunce"),
    ],
)
def test_as_it_ships(shipped: SpellingCorrector, spoken: str, written: str, read: str) -> None:
    assert shipped.read(written, spoken=spoken).text == read


@given(st.text(max_size=30), st.sampled_from(["", "de", "cs", "xx"]))
def test_any_text_is_read(text: str, spoken: str) -> None:
    found = SPELLER.read(text, spoken=spoken)
    for written, read in found.changed:
        assert written in text
        assert read in found.text
