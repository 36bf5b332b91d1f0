"""Why photos were found: values, lines of text and distances."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.results.match_reasons import MatchReasons
from crispd.store.words.marks import lines_with
from crispd.types import FieldMatch, Filters, GeoPosition, Near, PlaceNames, SearchHit, TextLine
from tests.search.fakes import FakePhotos, record

WORDS = st.sampled_from(["Zoohaus", "Kiel", "26,43", "Summe", "EUR", "PXL_2025"])

NONE = Filters()


def line(text: str, top: float = 0.0) -> TextLine:
    return TextLine(text, 0.9, (top,) * 8)


def nobody(word: str) -> bool:
    """Knows the word."""
    return False


class Photos(FakePhotos):
    """With the same text in each."""

    lines = (line("Zoohaus Kiel", 0.1), line("Summe EUR 26,43", 0.2), line("EUR", 0.3))

    def text_of(self, content_hashes: object) -> dict[str, tuple[TextLine, ...]]:
        assert isinstance(content_hashes, list)
        return dict.fromkeys(content_hashes, self.lines)


def matched(
    *given: FieldMatch, filters: Filters = NONE, printed: Filters | None = None
) -> tuple[FieldMatch, ...]:
    photo = record(1)
    metadata = replace(
        photo.metadata, people=("Anna Berg", "Ben"), camera="Pixel 8", title="First swim",
        keywords=("beach", "sea"), place=GeoPosition(52.52, 13.405),
    )  # fmt: skip
    photo = replace(
        photo, metadata=metadata, path="2019/Algarve/IMG_1.jpg",
        place_names=PlaceNames("Berlin", "Berlin", "Germany"),
    )  # fmt: skip
    [hit] = MatchReasons(Photos({}), nobody).explained(
        [SearchHit(photo, 1, 1, 1, matched=given)], filters, printed
    )
    return hit.matched


@pytest.mark.parametrize(
    ("field", "words", "value"),
    [
        ("person", ("anna",), "Anna Berg"),
        ("keyword", ("sea",), "sea"),
        ("keyword", ("things",), None),  # of a tree of keywords
        ("place", ("germany",), "Berlin, Germany"),
        ("name", ("img_1",), "IMG_1.jpg"),
        ("folder", ("algarve",), "2019/Algarve"),
        ("camera", ("pixel",), "Pixel 8"),
        ("title", ("swim",), "First swim"),
        ("description", ("swim",), None),
    ],
)
def test_values(field: str, words: tuple[str, ...], value: str | None) -> None:
    assert matched(FieldMatch(field, words)) == (FieldMatch(field, words, value),)


def test_text_says_its_lines() -> None:
    found = matched(FieldMatch("text", ("kiel", "26,43", "elsewhere")))
    assert found == (
        FieldMatch("text", ("kiel",), "Zoohaus Kiel", (0.1,) * 8),
        FieldMatch("text", ("26,43",), "Summe EUR 26,43", (0.2,) * 8),
        FieldMatch("text", ("elsewhere",)),
    )
    [only] = matched(filters=Filters.of(text="summe"))
    assert (only.field, only.words, only.value) == ("text", ("summe",), "Summe EUR 26,43")


def test_a_day_is_told_where_it_stands() -> None:
    [found] = matched(printed=Filters.of(text="26,43"))
    assert (found.words, found.value) == (("26,43",), "Summe EUR 26,43")
    assert matched(printed=Filters.of(text="20210312")) == ()


def test_what_is_near_says_how_far() -> None:
    near = Near(52.45, 13.405, 50)
    [found] = matched(filters=Filters.of(near=near))
    assert (found.field, found.words) == ("near", ())
    assert found.distance == pytest.approx(0.07 * 111_195, abs=2)


@given(st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=4), st.lists(WORDS, max_size=5))
def test_each_word_has_one_line(texts: list[str], words: list[str]) -> None:
    found = lines_with([line(text) for text in texts], words, nobody)
    told = [word for _, own in found for word in own]
    assert sorted(told) == sorted(set(words))
    for place, own in found:
        for word in own:
            first = next((text for text in texts if word in text.split()), None)
            assert first == (place and place.text)


def test_words_that_lines_divide() -> None:
    lines = [line("Bahn-"), line("hof A L D I")]
    assert lines_with(lines, ["bahnhof", "aldi"], nobody) == [
        (lines[0], ("bahnhof",)),
        (lines[1], ("aldi",)),
    ]


def test_words_that_were_misread_and_numbers_have_their_lines() -> None:
    lines = [line("43 x 26"), line("GARDEN1A 26,43"), line("Stromrechnung")]
    assert lines_with(lines, ["26.43", "gardenia", "rechnung", "26,99"], nobody) == [
        (lines[1], ("26.43", "gardenia")),
        (lines[2], ("rechnung",)),
        (None, ("26,99",)),
    ]
