"""Names in questions that only the library or a gazetteer knows."""

from __future__ import annotations

from datetime import datetime

import pytest

from crispd.query import parse
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.service.known_names import LibraryNames
from crispd.types import Condition, Filters, NameChoice, Near
from tests.query.fake_names import FakeNames
from tests.search.fakes import FakeListings, listing

NOW = datetime(2026, 7, 15)  # noqa: DTZ001 - local wall-clock time
NAMES = FakeNames(
    ("rex", "rex and bella", "summer 2019 italy", "trash", "old trash"),
    ("berlin", "lisbon", "new york", "annecy", "praha"),
    ("anna", "anna berg"),
)


@pytest.mark.parametrize(
    ("query", "words", "folder"),
    [
        ("in: Rex and Bella dog", "dog", "Rex and Bella"),
        ("in:Summer 2019 Italy", "", "Summer 2019 Italy"),
        ("in:Summer 2019 Italy beach 2015", "beach", "Summer 2019 Italy"),
        ("dog in:rex dog", "dog dog", "rex"),
        ("folder:nope dog", "dog", "nope"),
        ("in: the garden", "in: the garden", None),
        ('in:Rex "and Bella"', "and Bella", "Rex"),
        ('in:"Rex and"', "", "Rex and"),
    ],
)
def test_a_folder_is_the_longest_that_there_is(query: str, words: str, folder: str | None) -> None:
    parsed = parse(query, NOW, names=NAMES)
    assert (parsed.words, parsed.filters.value("folder")) == (words, folder)


@pytest.mark.parametrize(
    ("query", "words", "name", "choice"),
    [
        ("person:Anna Berg beach", "beach", "person", ("Anna Berg",)),
        ("place:New York skyline", "skyline", "place", ("New York",)),
        ("person:anna,Anna Berg beach", "beach", "person", ("anna", "Anna Berg")),
        ("person:anna beach", "beach", "person", ("anna",)),
        ("place:Nowhere York", "York", "place", ("Nowhere",)),
        ('place:New "York"', "York", "place", ("New",)),
    ],
)
def test_people_and_places_need_no_quotes(
    query: str, words: str, name: str, choice: tuple[str, ...]
) -> None:
    parsed = parse(query, NOW, names=NAMES)
    assert (parsed.words, parsed.filters.value(name)) == (words, NameChoice(choice))


def test_a_minus_takes_all_of_a_folders_name() -> None:
    parsed = parse("dog -in:old trash", NOW, names=NAMES)
    assert parsed.words == "dog"
    assert parsed.filters.values("folder", negated=True) == ("old trash",)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("near Berlin", ""),
        ("dog near Berlin", "dog"),
        ("around Lisbon, sunset", "sunset"),
        ("in der Nähe von Berlin", ""),
        ("Hund nahe Berlin im Juli", "Hund"),
        ("close to New York at night", "at night"),
        ("chien près de Berlin", "chien"),
        ("autour de New York la nuit", "la nuit"),
        ("pas loin d'Annecy", ""),
        ("chien près d’Annecy en juillet", "chien"),
        ("pes u Berlina", "pes"),
        ("poblíž Prahy", ""),
        ("moře nedaleko od Lisbon", "moře"),
    ],
)
def test_near_a_place_is_a_filter_around_it(query: str, words: str) -> None:
    parsed = parse(query, NOW, names=NAMES)
    assert (parsed.words, parsed.filters.value("near").radius_km) == (words, 30)
    assert parsed.interpreted[0].meant.startswith("within 30 km of ")
    rest = query[: parsed.interpreted[0].start] + query[parsed.interpreted[0].end :]
    assert parse(rest, NOW, names=NAMES).words == words


@pytest.mark.parametrize(
    "query",
    [
        "near the river",
        "boat near, Berlin",
        "in Berlin",
        "bei Berlin",
        "near",
        "près de la mer",
        "près d'",
        "u moře",
        "kolem",
        "poblíž a",
    ],
)
def test_near_a_thing_stays_words(query: str) -> None:
    parsed = parse(query, NOW, names=NAMES)
    assert (parsed.words, parsed.filters) == (query, Filters())


def test_two_places_cannot_both_be_near() -> None:
    parsed = parse("near Berlin near Lisbon", NOW, names=NAMES)
    assert (parsed.words, parsed.filters.value("near")) == ("near Lisbon", Near(0, 2, 30))


def test_a_long_question_is_not_looked_up_word_by_word() -> None:
    looked = 0

    class Counted(FakeNames):
        def has(self, condition: Condition) -> bool:
            nonlocal looked
            looked += 1
            return False

        around = has  # type: ignore[assignment]

    parse("in: a b c near d e f " * 400, NOW, names=Counted())
    assert looked <= 32


def test_names_of_a_library() -> None:
    listings = FakeListings()
    listings.put(
        listing(1, path="Rex and Bella/1.jpg", latitude=52.396, longitude=13.058),
        listing(
            2, path="2019/Party/2.jpg", latitude=43.703, longitude=7.266, people='["Anna Berg"]'
        ),
    )
    names = LibraryNames(MetadataIndex(listings), {"nice", "the", "river"}.__contains__)

    def has(name: str, value: object) -> bool:
        return names.has(Condition(name, (value,)))

    assert [has("folder", path) for path in ("Rex and Bella", "party", "Bella")] == [
        True, True, False,
    ]  # fmt: skip
    some = (("Anna Berg",), ("anna", "berg"), ("anna", "ben"))
    assert [has("person", NameChoice(each)) for each in some] == [True, True, False]
    berlin = names.around("Berlin")
    assert berlin is not None, "Potsdam is near"
    assert (berlin.name, berlin.near.radius_km) == ("Berlin, Germany", 42)
    nowhere = ["Lisbon", "Nice", "the river", "Germany", "xy", ""]
    assert [names.around(name) for name in nowhere] == [None] * 6
