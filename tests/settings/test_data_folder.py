"""Where commands look for the data when nobody says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crispd import config
from crispd import default_data_dir as default_data_dir_module
from crispd.default_data_dir import default_data_dir, mark_data_dir, marked_data_dir


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CRISPD_DATA_DIR", "CRISPD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(default_data_dir_module, "OF_THE_MACHINE", tmp_path / "machine")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    (tmp_path / "environment").mkdir()


def database_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "crispd.sqlite3").touch()
    return folder


def test_ones_own_when_nothing_is_there(tmp_path: Path) -> None:
    assert default_data_dir() == tmp_path / "XDG_DATA_HOME" / "crispd"


def test_what_make_run_has_marked(tmp_path: Path) -> None:
    database_in(tmp_path / "XDG_DATA_HOME" / "crispd")
    assert mark_data_dir(tmp_path / "my data")
    assert marked_data_dir() == tmp_path / "my data"
    assert config.load().data_dir == tmp_path / "my data"
    assert config.load(data_dir=Path("/elsewhere")).data_dir == Path("/elsewhere")


def test_a_marker_that_says_nothing(tmp_path: Path) -> None:
    for text in ("", "\n", "relative/path\n"):
        (tmp_path / "environment" / default_data_dir_module.MARKER).write_text(text)
        assert marked_data_dir() is None


def test_no_marker_outside_of_an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert not mark_data_dir(Path("/data"))


def test_that_of_the_machine_for_who_has_none(tmp_path: Path) -> None:
    machine = database_in(tmp_path / "machine")
    assert default_data_dir() == machine
    own = database_in(tmp_path / "XDG_DATA_HOME" / "crispd")
    assert default_data_dir() == own
