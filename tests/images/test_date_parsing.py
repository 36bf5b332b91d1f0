"""Spellings of dates in metadata."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.images.metadata.date_parsing import offset_of, parse_date

AT = "2022-09-02T14:28:00"


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2022:09:02 14:28:00", AT, "second"),
        ("2022:09:02 14:28:", AT, "minute"),
        ("2022:09:02 14:28", AT, "minute"),
        ("2022-09-02T14:28Z", AT + "Z", "minute"),
        ("2022-09-02T14:28:00.123+02:00", AT + "+02:00", "second"),
        ("2022-09-02T14:28:00-0500", AT + "-05:00", "second"),
        ("2022/09/02 2:28:00 PM", AT, "second"),
        ("2022.09.02 14.28.00", AT, "second"),
        ("2022_09_02 14-28-00", AT, "second"),
        ("2022: 9: 2 14:28: 0", AT, "second"),
        ("20220902142800", AT, "second"),
        ("20220902T142800+0200", AT + "+02:00", "second"),
        ("20220902 14:28:00", AT, "second"),
        ("2022:09:02 142800", AT, "second"),
        ("Fri, 02 Sep 2022 14:28:00 +0200", AT + "+02:00", "second"),
        ("Fri Sep  2 14:28:00 2022", AT, "second"),
        ("Sep 2, 2022 2:28 PM", AT, "minute"),
        ("2022:09:02 14:28:60", "2022-09-02T14:28:59", "second"),
        ("2022:09:02 24:00:00", "2022-09-02T12:00:00", "day"),
        ("2022:09:02 14", "2022-09-02T12:00:00", "day"),
        ("2022:09:02", "2022-09-02T12:00:00", "day"),
        ("20220902", "2022-09-02T12:00:00", "day"),
        ("2022-09", "2022-09-01T12:00:00", "month"),
        ("2022:09:00 00:00:00", "2022-09-01T12:00:00", "month"),
        ("2022", "2022-01-01T12:00:00", "year"),
        ("2022:00:00 00:00:00", "2022-01-01T12:00:00", "year"),
    ],
)
def test_spellings(text: str, at: str, precision: str) -> None:
    found = parse_date(text)
    assert found is not None
    assert (found.at, found.precision) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "", "0000:00:00 00:00:00", "    :  :     :  :  ", "0001:01:01 00:00:00", "yesterday",
        "9999:12:31 23:59:59", "2087:01:01 00:00:00", "2022:13:02 10:00:00", "2022:02:31 10:00:00",
        "12:30:00", "2022" * 40,
    ],
)  # fmt: skip
def test_texts_that_are_no_date_of_a_photo(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("+02:00", "+02:00"), ("-0530", "-05:30"), ("+2", "+02:00"), ("Z", "Z"),
        ("+14:00", "+14:00"),
        ("+14:30", ""), ("-23:59", ""), ("+05:99", ""), ("02:00", ""), ("", ""),
    ],
)  # fmt: skip
def test_offsets(text: str, offset: str) -> None:
    assert offset_of(text) == offset


def test_an_offset_that_is_kept_apart() -> None:
    found = parse_date("2022:09:02 14:28:00", "+25:00")
    assert found is not None
    assert found.at == AT


@given(st.text(alphabet="0123456789 :-/.TZ+apmAPMjan,", max_size=60))
def test_no_text_takes_long_or_fails(text: str) -> None:
    began = time.process_time()
    parse_date(text)
    assert time.process_time() - began < 1
