"""Where links lead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crispd.images.read import open_inside
from crispd.platform.open_files import folder_location
from crispd.watch.links import LinkTargetKind, folder_behind, open_folder, target_of
from crispd.watch.walk import Walk, is_folder, stamp_of


def test_the_folder_behind_a_link(root: Path) -> None:
    (root / "albums").mkdir()
    (root / "albums" / "best").symlink_to("../2021")
    (root / "out").symlink_to("../out")
    roots = ("/somewhere/else", str(root))
    for name in ("albums/best", "albums/best/", f"{root}/albums/best"):
        assert folder_behind(name, roots) == f"{root}/2021"
    others = ("2021", "albums", "out", "missing", "/", f"{root}/2021", ".store", "a\0b", "x" * 5000)
    for name in others:
        assert folder_behind(name, roots) == name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("root/2021/a.jpg", "root/.store/b.jpg", "root/.store/sub/c.jpg", "out/d.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("target", "lead"),
    [
        ("2021", LinkTargetKind.TWIN),
        ("2021/a.jpg", LinkTargetKind.TWIN),
        (".", LinkTargetKind.TWIN),
        (".store", LinkTargetKind.SHOWN),
        (".store/b.jpg", LinkTargetKind.SHOWN),
        (".store/sub", LinkTargetKind.SHOWN),
        ("../out", LinkTargetKind.OUTSIDE),
        ("../out/d.jpg", LinkTargetKind.OUTSIDE),
        ("..", LinkTargetKind.OUTSIDE),
        ("/", LinkTargetKind.OUTSIDE),
        ("missing", LinkTargetKind.NOWHERE),
        ("link", LinkTargetKind.NOWHERE),
        ("../root/2021/../.store", LinkTargetKind.SHOWN),
        ("../root2", LinkTargetKind.OUTSIDE),
    ],
)
def test_leads(root: Path, target: str, lead: LinkTargetKind) -> None:
    (root.parent / "root2").mkdir()  # begins like the root
    (root / "link").symlink_to(target)
    assert target_of(str(root), "link").lead is lead
    chained = root / "chained"
    chained.symlink_to("link")
    assert target_of(str(root), "chained").lead is lead
    top = root.parent / "top"  # the root as a link
    top.symlink_to(root)
    assert target_of(str(top), "link").lead is lead


def test_other_roots_are_inside(root: Path) -> None:
    (root / "link").symlink_to("../out/d.jpg")
    assert target_of(str(root), "link", (str(root.parent / "out"),)).lead is LinkTargetKind.TWIN


def test_walk_stamp_and_folder_agree(root: Path) -> None:
    (root / "shown").symlink_to(".store")
    (root / "e.jpg").symlink_to(".store/b.jpg")
    (root / "f.jpg").symlink_to("2021/a.jpg")
    (root / "away").symlink_to("../out")
    (root / ".store" / "deeper").symlink_to("sub")
    walk = Walk(str(root), lambda name: name.endswith(".jpg"))
    found = {file.path: file.stamp for file in walk}
    assert set(found) == {"2021/a.jpg", "shown/b.jpg", "shown/sub/c.jpg", "e.jpg"}
    assert {path: stamp_of(str(root), path) for path in found} == found
    for path in ("f.jpg", "away/d.jpg", "shown/deeper/c.jpg"):
        assert stamp_of(str(root), path) is None
    folders = ("2021", "shown", "shown/sub", "away", "shown/deeper", "e.jpg")
    assert [is_folder(str(root), path) for path in folders] == [True] * 3 + [False] * 3
    assert (walk.links_outside.outside, walk.links_outside.nowhere) == (
        1,
        1,
    )  # the second link behind a first
    part = Walk(str(root), lambda name: True, "shown")
    assert {file.path for file in part} == {"shown/b.jpg", "shown/sub/c.jpg"}
    assert list(Walk(str(root), lambda name: True, "away")) == []


def test_a_folder_that_is_replaced_before_it_is_opened(root: Path) -> None:
    real = folder_location(str(root / "2021"))
    os.close(open_folder(str(root / "2021"), real))
    (root / "2021").rename(root.parent / "aside")
    (root / "2021").symlink_to("../out")
    with pytest.raises(FileNotFoundError, match="replaced"):
        open_folder(str(root / "2021"), real)


def test_a_walk_whose_folder_is_replaced_on_the_way(root: Path) -> None:
    (root / "0").mkdir()

    def is_candidate(name: str) -> bool:  # asked before the folders that were met are opened
        if not (root / "2021").is_symlink():
            (root / "2021").rename(root.parent / "aside")
            (root / "2021").symlink_to("../out")
        return True

    (root / "first.jpg").write_bytes(b"x")
    walk = Walk(str(root), is_candidate)
    assert "2021/d.jpg" not in {file.path for file in walk}


def test_nothing_out_of_the_root_is_read(root: Path) -> None:
    (root / "link.jpg").symlink_to("../out/d.jpg")
    (root / "in.jpg").symlink_to(".store/b.jpg")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        open_inside(str(root / "link.jpg"), str(root))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    os.close(open_inside(str(root / "in.jpg"), str(root)))
