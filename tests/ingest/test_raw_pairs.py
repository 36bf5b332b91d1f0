"""Who stands for whom, by what lies in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.images.formats import is_developed, is_raw
from crispd.ingest.raw_pairs import RawJpegPairs, WithoutPairedRaws, is_pair
from crispd.types import CaptureKey, FileStamp, FoundFile, KnownFile, PhotoState, Root

READY, FAILED = PhotoState.READY, PhotoState.FAILED
STAMP = FileStamp(1, 1)


def siblings(*ignored: str) -> RawJpegPairs:
    return RawJpegPairs(lambda _, path: path in ignored)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "sub").mkdir()
    names = ["IMG_1.CR2", "img_1.jpg", "IMG_1.dng", "IMG_1.png", "IMG_1.MOV", "IMG_10.JPG"]
    names += ["sub/IMG_1.HEIC", "sub/img_1.CR2", ".IMG_1.jpg", "b.c.NEF", "b.JPG", "B.C.Jpeg"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.CR2").write_bytes(b"x")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "img_1.jpg")
    return Root(1, str(tmp_path))


@pytest.mark.parametrize(
    ("path", "pictures"),
    [
        ("IMG_1.CR2", ["img_1.jpg"]),
        ("IMG_1.dng", ["img_1.jpg"]),
        ("sub/img_1.CR2", ["sub/IMG_1.HEIC"]),
        ("b.c.NEF", ["B.C.Jpeg"]),
        ("IMG_9.CR2", []),
        ("img_1.jpg", []),
        ("gone/IMG_1.CR2", []),
    ],
)
def test_pictures_beside_a_raw(root: Root, path: str, pictures: list[str]) -> None:
    assert siblings().developed(root, path) == pictures


def test_raws_beside_a_picture(root: Root) -> None:
    assert sorted(siblings().raws(root, "img_1.jpg")) == ["IMG_1.CR2", "IMG_1.dng"]
    assert siblings().raws(root, "b.JPG") == []
    assert siblings().raws(root, "IMG_1.png") == []
    assert siblings().raws(root, "IMG_1.CR2") == []


def test_what_is_left_alone_stands_for_nothing(root: Root) -> None:
    assert siblings("img_1.jpg").developed(root, "IMG_1.CR2") == []
    assert siblings("IMG_1.CR2").raws(root, "img_1.jpg") == ["IMG_1.dng"]


def test_a_picture_that_has_gone_since_the_folder_was_listed(root: Root) -> None:
    beside = siblings()
    assert beside.developed(root, "IMG_1.CR2")
    (Path(root.path) / "img_1.jpg").unlink()
    assert beside.developed(root, "IMG_1.CR2") == []


@pytest.mark.parametrize(
    ("raw", "picture", "expected"),
    [
        (("2019-01-02T03:04:05", "NIKON D700"), ("2021-07-08T09:10:11", "iPhone 12"), False),
        (("2019-01-02T03:04:05", "NIKON D700"), ("2021-07-08T09:10:11", "NIKON D700"), False),
        (("2019-01-02T03:04:05", "NIKON D700"), ("2019-01-02T03:04:06+01:00", "GIMP"), True),
        (("2019-01-02T03:04:05", "NIKON D700"), ("2019-01-02T01:04:05Z", "D700"), True),
        (("2019-01-02T03:04:05", "NIKON D700"), ("2019-01-02T05:04:05", "iPhone 12"), False),
        (("2019-01-02T03:04:05", "NIKON D700"), (None, None), True),
        (("2019-01-02T03:04:05", "NIKON D700"), (None, "iPhone 12"), False),
        ((None, None), ("2021-07-08T09:10:11", "iPhone 12"), True),
        (("nonsense", None), ("2021-07-08T09:10:11", None), True),
    ],
)
def test_who_are_of_one_photo(
    raw: tuple[str | None, str | None],
    picture: tuple[str | None, str | None],
    expected: bool,
) -> None:
    assert is_pair(CaptureKey(*raw), CaptureKey(*picture)) is expected


@pytest.mark.parametrize(
    ("raw", "picture"),
    [
        ("PXL_20230704_1.RAW-02.ORIGINAL.dng", "PXL_20230704_1.RAW-01.COVER.jpg"),
        ("PXL_20230704_1.RAW-02.ORIGINAL.dng", "PXL_20230704_1.RAW-01.MP.COVER.jpg"),
        ("WP_2014_Raw__highres.dng", "WP_2014_Raw.jpg"),
        ("IMG_1_RAW.dng", "IMG_1.jpg"),
    ],
)
def test_names_that_telephones_give(tmp_path: Path, raw: str, picture: str) -> None:
    for name in (raw, picture, "PXL_20230704_2.RAW-01.COVER.jpg", "draw.jpg", "d.dng"):
        (tmp_path / name).write_bytes(b"x")
    root = Root(1, str(tmp_path))
    assert siblings().developed(root, raw) == [picture]
    assert siblings().developed(root, "d.dng") == []


def test_a_walk_asks_who_is_of_one_photo() -> None:
    rows = {"a.jpg": KnownFile(STAMP, READY), "b.jpg": KnownFile(STAMP, READY)}
    files = [FoundFile(path, STAMP) for path in ("a.cr2", "a.jpg", "b.cr2", "b.jpg", "c.cr2")]
    once = WithoutPairedRaws(
        files, rows, lambda file, _: {"a.cr2": True, "b.cr2": False}.get(file.path)
    )
    assert [file.path for file in once] == ["a.jpg", "b.cr2", "b.jpg", "c.cr2"]
    assert once.stood_for == {"a.cr2"}
    once = WithoutPairedRaws(files, rows, lambda *_: None)
    assert {file.path for file in once} == {file.path for file in files}


names = st.sampled_from(
    ["a.jpg", "A.CR2", "a.cr2", "a.heic", "b.NEF", "b.jpg", "x/a.jpg", "x/a.dng", "x/c.png"]
)
states = st.sampled_from([READY, FAILED])


@given(st.sets(names), st.dictionaries(names, states))
def test_a_walk_meets_each_pair_once(present: set[str], rows: dict[str, PhotoState]) -> None:
    known = {path: KnownFile(STAMP, state) for path, state in rows.items()}
    walk = [FoundFile(path, STAMP) for path in sorted(present)]
    walk.sort(key=lambda file: "/" in file.path)
    once = WithoutPairedRaws(walk, known)
    met = {file.path for file in once}
    assert {path for path in present if not is_raw(path)} <= met <= present
    for raw in filter(is_raw, present):
        folder, stem = raw.rpartition("/")[0], raw.rpartition(".")[0].casefold()
        beside = [
            path
            for path in present
            if is_developed(path)
            and path.rpartition("/")[0] == folder
            and path.rpartition(".")[0].casefold() == stem
        ]
        ready = any(rows.get(path) is READY for path in beside)
        waits = any(path not in rows for path in beside)
        assert (raw in once.stood_for) == ready
        assert (raw in met) == (not ready and (not waits or raw in rows))
