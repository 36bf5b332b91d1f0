"""What a walk meets and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crispd.watch.presence import why_absent
from crispd.watch.walk import Walk, stamp_of


def jpg(name: str) -> bool:
    return name.endswith(".jpg")


def walked(root: Path, folder: str = "") -> set[str]:
    return {file.path for file in Walk(str(root), jpg, folder)}


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_candidates_at_any_depth(tmp_path: Path) -> None:
    for name in ("a.jpg", "x/b.jpg", "x/y/c.jpg", "x/notes.txt"):
        put(tmp_path / name)
    assert walked(tmp_path) == {"a.jpg", "x/b.jpg", "x/y/c.jpg"}
    assert walked(tmp_path, "x") == {"x/b.jpg", "x/y/c.jpg"}


def test_a_folder_named_like_a_photo_is_a_folder(tmp_path: Path) -> None:
    put(tmp_path / "x.jpg" / "inner.jpg")
    assert walked(tmp_path) == {"x.jpg/inner.jpg"}


@pytest.mark.parametrize("name", ["@eaDir", "#recycle", ".Trash-1000", ".hidden", "$RECYCLE.BIN"])
def test_folders_of_other_programs_are_left_alone(tmp_path: Path, name: str) -> None:
    put(tmp_path / name / "a.jpg")
    assert walked(tmp_path) == set()


def test_links_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.jpg")
    (tmp_path / "real" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real" / "a.jpg")
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "missing")
    assert walked(tmp_path) == {"real/a.jpg"}
    assert stamp_of(str(tmp_path), "link.jpg") is None


def test_names_in_any_bytes(tmp_path: Path) -> None:
    name = b"caf\xe9.jpg"
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    assert walked(tmp_path) == {os.fsdecode(name)}


def test_a_fifo_is_no_photo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert walked(tmp_path) == set()


def test_what_cannot_be_listed_is_said(tmp_path: Path) -> None:
    walk = Walk(str(tmp_path / "gone"), jpg)
    assert list(walk) == []
    assert walk.unseen == {"": "No such file or directory"}


def test_absence(tmp_path: Path) -> None:
    assert why_absent(str(tmp_path), had_photos=False) is None
    assert "mounted" in (why_absent(str(tmp_path), had_photos=True) or "")
    assert "not there" in (why_absent(str(tmp_path / "gone"), had_photos=False) or "")
    put(tmp_path / "file")
    assert why_absent(str(tmp_path), had_photos=True) is None
    assert "not a folder" in (why_absent(str(tmp_path / "file"), had_photos=True) or "")


def test_a_folder_that_became_a_link_leads_nowhere(tmp_path: Path) -> None:
    for name in ("root/sub/deep", "outside/deep"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.jpg").write_bytes(b"x")
    root = str(tmp_path / "root")
    assert stamp_of(root, "sub/deep/a.jpg") is not None
    (tmp_path / "root" / "sub").rename(tmp_path / "old")
    (tmp_path / "root" / "sub").symlink_to(tmp_path / "outside")
    assert stamp_of(root, "sub/deep/a.jpg") is None
