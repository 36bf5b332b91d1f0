"""What crispd knows of a house is its owner's alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crispd.store.data_dir.creation import make_data_folder
from crispd.store.data_dir.permissions import is_open, make_private, open_files
from crispd.store.database import Database
from crispd.store.database_copy import copy_database


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """As most shells, and Docker, have it; some NAS systems have none at all."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in folder.rglob("*")
    }


def old(folder: Path) -> None:
    """As an older version left one behind."""
    for name in ("crispd.sqlite3", "crispd.sqlite3.m004", "index/vectors.bin", "tls/server.key",
                 "thumbnails/320px/ab/x.jpg", "evaluations/a/b.json", "signing-key"):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_an_old_data_folder_is_mended(tmp_path: Path) -> None:
    data = tmp_path / "data"
    old(data)
    assert is_open(data)
    assert "crispd.sqlite3" in open_files(data)
    mending = make_private(data)
    assert mending is not None
    mending.join()
    assert not is_open(data)
    assert set(modes(data).values()) == {0o600, 0o700}
    assert make_private(data) is None  # thumbnails are gone through once
    assert open_files(data) == []


def test_a_new_one_is_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_data_folder(data)
    Database.open(data / "crispd.sqlite3").close()
    copy_database(data / "crispd.sqlite3", tmp_path / "backup")
    assert not is_open(data)
    assert not is_open(data / "thumbnails")
    assert (data / "crispd.sqlite3").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("theirs", ["2020/a.jpg", "a.jpg", "otherprogram/x"])
def test_a_folder_that_others_need_stays_open(tmp_path: Path, theirs: str) -> None:
    old(tmp_path)
    (tmp_path / theirs).parent.mkdir(exist_ok=True)
    (tmp_path / theirs).write_bytes(b"x")
    before = tmp_path.stat().st_mode
    mending = make_private(tmp_path)
    assert mending is not None
    mending.join()
    assert tmp_path.stat().st_mode == before
    assert is_open(tmp_path / theirs)
    assert open_files(tmp_path) == []


def test_links_are_left_alone(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    (elsewhere / "mine").touch()
    (data / "index").symlink_to(elsewhere)
    (data / "crispd.sqlite3").symlink_to(elsewhere / "mine")
    make_private(data)
    assert is_open(elsewhere)
    assert is_open(elsewhere / "mine")
