"""Who stands for whom, by what lies in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.images.formats import is_developed, is_raw
from crispd.ingest.pairs import Once, Siblings, stands
from crispd.types import FileStamp, FoundFile, KnownFile, PhotoState, Root

READY, FAILED = PhotoState.READY, PhotoState.FAILED
STAMP = FileStamp(1, 1)


def siblings(*ignored: str) -> Siblings:
    return Siblings(lambda _, path: path in ignored)


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


def test_standing() -> None:
    assert stands([]) is False
    assert stands([FAILED]) is False
    assert stands([FAILED, None]) is None
    assert stands([None, READY]) is True


names = st.sampled_from(
    ["a.jpg", "A.CR2", "a.cr2", "a.heic", "b.NEF", "b.jpg", "x/a.jpg", "x/a.dng", "x/c.png"]
)
states = st.sampled_from([READY, FAILED])


@given(st.sets(names), st.dictionaries(names, states))
def test_a_walk_meets_each_pair_once(present: set[str], rows: dict[str, PhotoState]) -> None:
    known = {path: KnownFile(STAMP, state) for path, state in rows.items()}
    walk = [FoundFile(path, STAMP) for path in sorted(present)]
    walk.sort(key=lambda file: "/" in file.path)
    once = Once(walk, known)
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
