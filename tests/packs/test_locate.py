"""Packs by path and by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crispd.errors import PackMissing
from crispd.packs import locate
from crispd.packs.locate import find_pack

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where packs ship, with ``alpha`` and ``beta`` and a folder that is none."""
    for name in ("alpha", "beta"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.toml").touch()
    (tmp_path / "train").mkdir()
    monkeypatch.setattr(locate, "_PLACES", (tmp_path / "absent", tmp_path))
    return tmp_path


def test_by_path(small_folder: Path) -> None:
    assert find_pack(str(small_folder)) == small_folder


def test_by_name(shipped: Path) -> None:
    assert find_pack("beta") == shipped / "beta"


def test_a_path_in_the_home_folder(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shipped))
    assert find_pack("~/alpha") == shipped / "alpha"


@pytest.mark.parametrize("name", ["gamma", "train", "", "~nobody-here/pack", "a\0b"])
def test_none_of_that_name(shipped: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped / "alpha")
    with pytest.raises(PackMissing, match="one that is here: alpha, beta"):
        find_pack(name)


def test_what_was_installed_goes_before_what_ships(shipped: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    for name in ("beta", "gamma", ".part"):
        (installed / name).mkdir(parents=True)
        (installed / name / "pack.toml").touch()
    assert find_pack("gamma", installed) == installed / "gamma"
    assert find_pack("beta", installed) == installed / "beta"
    assert find_pack("alpha", installed) == shipped / "alpha"
    for name in (".part", "../alpha", "delta"):
        with pytest.raises(PackMissing, match=r"here: alpha, beta, gamma\."):
            find_pack(name, installed)


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "_PLACES", (tmp_path,))
    with pytest.raises(PackMissing, match="none is"):
        find_pack("mini")
