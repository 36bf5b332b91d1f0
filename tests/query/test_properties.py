"""Whatever is typed: an answer, quickly, and one that can be explained."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crispd.query import parse, parse_time, wall_clock
from crispd.query.lexer import lex, plain
from crispd.types import Filters, NameChoice
from tests.query.fake_names import FakeNames

NOW = datetime.fromisoformat("2026-07-15T12:00:00")
_TYPED = """
beach -people NOT -"red car" 'a b' “x” „y“ « z in: type:heic type:raw,png -type:heic after:2020
before: until:last summer 2019 2015 in march since june from to between and the 90s '69 14 th of
christmas easter last this year ago two weeks near:1,2,3km has:gps is:square rating:>3 width:x
size:4000x3000 keyword:"a like:7tspv4wp7vkn5gzrwtjl4vzs +like:x - -- : :: http://a.b/c 3:2 🎂 -🎂
İ ß שלום ٣ ² 2021-06-14 2021-02-30 9999-12-31 0000 31.12.2199 2199 days
without no not ohne kein nicht auf people Menschen, nobody but sondern near around Berlin new york
sans pas personnes ni d'enfants l'eau près d'Annecy de autour bez lidí žádná nikdo ne u Prahy
poblíž a
"""
PHRASES = ("no cars", "without people or", "near Berlin", "in: Rex", "not in july")
NAMES = FakeNames(("rex", "rex and bella"), ("berlin", "new york"))
SNIPPETS = (*_TYPED.split(), *PHRASES, "\0", "\n", "\u200f", "\ud800")
PLAIN = ("a", "dog", "may", "run", "the", "march", "of", "penguins", "fall", "summer", "tree")
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=8)), max_size=25).map(" ".join),
    st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join),
)
nows = st.datetimes(datetime(1990, 1, 1), datetime(2150, 1, 1))  # noqa: DTZ001


@given(texts, nows, st.sampled_from(["north", "south"]))
@example("-\"a 'b\" c'", NOW, "north")
@example('in:"a " -\'b', NOW, "north")
def test_any_text_is_parsed_and_what_is_not_interpreted_is_words(query, now, hemisphere) -> None:
    parsed = parse(query, now, hemisphere, NAMES)
    left, end = [], 0
    for one in parsed.interpreted:
        assert end <= one.start < one.end <= len(query)
        assert one.written == query[one.start : one.end]
        left.append(plain(query[end : one.start]))
        end = one.end
    left.append(plain(query[end:]))
    assert parsed.words == " ".join(text for text in left if text)
    parsed.words.encode()
    for bound in map(parsed.filters.value, ("after", "before")):
        assert bound is None or wall_clock(datetime.fromisoformat(bound)) == bound


@given(st.lists(st.sampled_from(PLAIN)))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    once = parse(text, NOW)
    assert once.words == text
    assert parse(once.words, NOW) == once


@given(texts)
def test_tokens_follow_one_another(query: str) -> None:
    end = 0
    for token in lex(query):
        assert end <= token.start < token.end
        end = token.end
    assert end <= len(query)


@given(st.datetimes(datetime(1850, 1, 1), datetime(2190, 1, 1)), st.integers(0, 400))  # noqa: DTZ001
def test_a_range_of_days_comes_back(first: datetime, days: int) -> None:
    last = first + timedelta(days=days)
    span = parse_time(f"{first.date()}..{last.date()}", NOW)
    assert span.start is not None
    assert span.end is not None
    assert span.start.date() == first.date()
    assert span.end.date() == last.date() + timedelta(days=1)


names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)


@given(names, names, names, st.integers(1, 5), st.integers(1, 99999))
def test_every_filter_comes_back(folder, camera, keyword, rating, width) -> None:
    parsed = parse(
        f'dog in:"{folder}/a b" camera:{camera} tag:"{keyword}" rating:{rating} width:{width} '
        f"-in:{folder} -camera:{camera} -tag:{keyword} type:jpg -type:tif "
        "has:gps -has:tags is:square",
        NOW,
    )
    assert parsed.words == "dog"
    assert set(parsed.filters.conditions) == set(
        Filters.of(
            folder=f"{folder}/a b", not_folder=folder, camera=NameChoice((camera,)),
            not_camera=NameChoice((camera,)), keyword=keyword, not_keyword=keyword,
            rating=rating, min_width=width, type="jpeg", not_type="tiff", has="gps",
            not_has="keywords", orientation="square",
        ).conditions
    )  # fmt: skip
    assert len(parsed.interpreted) == 13


@pytest.mark.parametrize(
    "piece", [*SNIPPETS, '"', "“ „ « ' ‘ ", "last ", "type: ", "from 2019 to "]
)
def test_ten_thousand_characters_take_no_time(piece: str) -> None:
    """Linear: so generous a limit that only a square would break it."""
    query = (piece + " ") * (10_000 // (len(piece) + 1))
    start = time.process_time()
    parse(query, NOW, names=NAMES)
    assert time.process_time() - start < 3
