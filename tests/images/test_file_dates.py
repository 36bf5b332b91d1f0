"""Dates in the names that phones and messengers give."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.images.metadata.file_dates import capture_time_of_file

MTIME = 1_600_000_000 * 10**9


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("IMG_20210703_101215.jpg", "2021-07-03T10:12:15"),
        ("20210703_101215.jpg", "2021-07-03T10:12:15"),
        ("PXL_20210703_081215123.jpg", "2021-07-03T08:12:15Z"),
        ("PXL_20210703_081215123.MP.jpg", "2021-07-03T08:12:15Z"),
        ("2021-07-03 10.12.15.jpg", "2021-07-03T10:12:15"),
        ("2021-07-03-10-12-15 party.heic", "2021-07-03T10:12:15"),
        ("IMG-20210703-WA0001.jpg", "2021-07-03T12:00:00"),
        ("WhatsApp Image 2021-07-03 at 10.12.15.jpeg", "2021-07-03T10:12:15"),
        ("signal-2021-07-03-101215.jpg", "2021-07-03T10:12:15"),
        ("signal-2021-07-03-10-12-15-123.jpg", "2021-07-03T10:12:15"),
        ("photo_2021-07-03_10-12-15.jpg", "2021-07-03T10:12:15"),
        ("Screenshot_20210703-101215_Maps.png", "2021-07-03T10:12:15"),
        ("Screenshot from 2021-07-03 10-12-15.png", "2021-07-03T10:12:15"),
        ("2021.07.03.jpg", "2021-07-03T12:00:00"),
    ],
)
def test_names(name: str, at: str) -> None:
    found = capture_time_of_file(f"2019/holiday 20180101/{name}", MTIME)
    assert (found.at, found.source) == (at, "filename")


@pytest.mark.parametrize(
    ("name", "at", "precision"),
    [
        ("Screenshot 2023-03-04 at 10.06.07 PM.jpg", "2023-03-04T22:06:07", "second"),
        ("Screenshot 2023-03-04 at 10.06.07\u202fPM.jpg", "2023-03-04T22:06:07", "second"),
        ("WhatsApp Image 2024-07-07 at 12.12.00 AM.jpg", "2024-07-07T00:12:00", "second"),
        ("Screenshot 2022-02-23 at 2.59.39 PM.jpg", "2022-02-23T14:59:39", "second"),
        ("Screenshot 2022-02-23 at 2.59.39 p.m..jpg", "2022-02-23T14:59:39", "second"),
        ("IMG20210703101215.jpg", "2021-07-03T10:12:15", "second"),
        ("20210703101215123.jpg", "2021-07-03T10:12:15", "second"),
        ("BURST20210703101215123_COVER.jpg", "2021-07-03T10:12:15", "second"),
        ("20210703_1012.jpg", "2021-07-03T10:12:00", "minute"),
        ("IMG-20210703-WA0001.jpg", "2021-07-03T12:00:00", "day"),
        ("2021-07-03-2.jpg", "2021-07-03T12:00:00", "day"),
        ("1985-06-12 birthday.jpg", "1985-06-12T12:00:00", "day"),
    ],
)
def test_names_with_other_clocks(name: str, at: str, precision: str) -> None:
    found = capture_time_of_file(name, MTIME)
    assert (found.at, found.source, found.precision) == (at, "filename", precision)


@pytest.mark.parametrize(
    "name",
    [
        "10150189_201205123456789_12345_n.jpg", "1999999999999.jpg", "2019112034.jpg",
        "EAN1234567890128.jpg", "1234567890128.jpg", "scan20011231999.jpg", "19850612.jpg",
        "d41d8cd98f00b20211231800998ecf8427e.jpg", "IMG_20991231_101010.jpg",
    ],
)  # fmt: skip
def test_numbers_that_are_no_dates(name: str) -> None:
    assert capture_time_of_file(name, MTIME).source == "mtime"


def test_milliseconds_since_1970() -> None:
    found = capture_time_of_file("FB_IMG_1625300000000.jpg", MTIME)
    assert found.source == "filename"
    assert datetime.fromisoformat(found.at).timestamp() == 1_625_300_000


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1234.jpg", "DSC01999.jpg", "20210231_101215.jpg", "99991231.jpg", "18990101.jpg",
        "120210703.jpg", "scan 2021-07.jpg", "5551112021070310.jpg", "2021-0703.jpg",
    ],
)  # fmt: skip
def test_names_without_a_date_leave_it_to_the_file(name: str) -> None:
    found = capture_time_of_file(name, MTIME)
    assert found.source == "mtime"
    assert datetime.fromisoformat(found.at).timestamp() == 1_600_000_000


@pytest.mark.parametrize(
    ("path", "at", "precision"),
    [
        ("2019/a.jpg", "2019-01-01", "year"), ("Rome 2019/a.jpg", "2019-01-01", "year"),
        ("2019/Italy/a.jpg", "2019-01-01", "year"), ("2019/07/a.jpg", "2019-07-01", "month"),
        ("2019/07 July/14/a.jpg", "2019-07-14", "day"), ("2019/14/a.jpg", "2019-01-01", "year"),
        ("2019-07 Rome/a.jpg", "2019-07-01", "month"), ("2019_07_14/x/a.jpg", "2019-07-14", "day"),
        ("20190714 Wedding/a.jpg", "2019-07-14", "day"), ("Scans/1975/a.jpg", "1975-01-01", "year"),
        ("2018/2019/a.jpg", "2019-01-01", "year"), ("2019/Italy/05/a.jpg", "2019-01-01", "year"),
        ("2019/02/31/a.jpg", "2019-01-01", "year"),
    ],
)  # fmt: skip
def test_the_nearest_folder_with_a_date(path: str, at: str, precision: str) -> None:
    found = capture_time_of_file(path, MTIME)
    assert (found.at, found.source, found.precision) == (f"{at}T12:00:00", "folder", precision)


@pytest.mark.parametrize(
    "path",
    [
        "2018-2019/a.jpg", "1990 to 2000/a.jpg", "X2019/a.jpg", "12019/a.jpg", "3019/a.jpg",
        "Rome/a.jpg", "2019.jpg", "2019-02-31 x/a.jpg", "07/a.jpg", "1899/a.jpg",
    ],
)  # fmt: skip
def test_folders_without_a_date(path: str) -> None:
    assert capture_time_of_file(path, MTIME).source == "mtime"


def test_the_file_s_time_within_what_the_folder_says() -> None:
    """The thirteenth of September 2020."""
    assert capture_time_of_file("2020/a.jpg", MTIME).source == "mtime"
    assert capture_time_of_file("2020/09/a.jpg", MTIME).source == "mtime"
    assert capture_time_of_file("2020/08/a.jpg", MTIME).source == "folder"
    assert capture_time_of_file("2020/IMG_20190703_101200.jpg", MTIME).source == "filename"


@given(st.text(max_size=60), st.integers(-(2**70), 2**70))
def test_any_name_and_any_clock_give_a_moment(name: str, mtime_ns: int) -> None:
    found = capture_time_of_file(name, mtime_ns)
    moment = datetime.fromisoformat(found.at)
    assert 1 <= moment.year <= 9999
    if found.source == "filename":
        assert moment.replace(tzinfo=UTC) < datetime(2290, 1, 1, tzinfo=UTC)
