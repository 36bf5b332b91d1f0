"""``crispd install-service`` takes a library along that ``make run`` has begun."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crispd import default_data_dir
from crispd.cli import install_service
from crispd.cli.app import app
from crispd.default_data_dir import mark_data_dir, marked_data_dir
from crispd.errors import QueryError
from crispd.recovery import backup
from crispd.store.database import Database
from crispd.systemd import machine_unit


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that is marked; the machine's is empty, units go to a folder of the test."""
    for name in [name for name in os.environ if name.startswith("CRISPD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    state = tmp_path / "state"
    monkeypatch.setattr(default_data_dir, "OF_THE_MACHINE", state)
    for module in (machine_unit, install_service):
        monkeypatch.setattr(module, "STATE", state)
    monkeypatch.setattr(install_service, "target", lambda **_: tmp_path / "units")
    source = tmp_path / "data"
    (source / "tls").mkdir(parents=True)
    Database.open(source / "crispd.sqlite3").close()
    (source / "signing-key").write_text("a key")
    (source / "tls" / "ca.crt").write_text("a certificate")
    assert mark_data_dir(source)
    return source


def install(*words: str, answers: str = "") -> Result:
    return CliRunner().invoke(app, ["install-service", "/srv/photos", *words], input=answers)


def test_it_offers_and_copies(library: Path, tmp_path: Path) -> None:
    done = install(answers="y\ny\n")
    assert done.exit_code == 0, done.output
    assert f"{library} knows 0 photos. Copy that to {tmp_path / 'state'}" in done.output
    state = tmp_path / "state"
    assert (state / "crispd.sqlite3").is_file()
    assert (state / "signing-key").read_text() == "a key"
    assert (state / "tls" / "ca.crt").read_text() == "a certificate"
    assert (state / "signing-key").stat().st_mode & 0o77 == 0
    assert (library / "crispd.sqlite3").is_file()
    assert marked_data_dir() == state, "later commands ask about the service"


def test_no_is_no(library: Path, tmp_path: Path) -> None:
    done = install(answers="y\nn\n")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "units" / "crispd.service").is_file()
    assert not (tmp_path / "state").exists()
    assert install("--yes", "--no-carry-over").exit_code == 0
    assert not (tmp_path / "state").exists()
    assert marked_data_dir() == library


def test_yes_takes_it_along(library: Path, tmp_path: Path) -> None:
    assert install("--yes").exit_code == 0
    assert (tmp_path / "state" / "crispd.sqlite3").is_file()


def test_a_library_that_is_there_is_left_alone(library: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "crispd.sqlite3").write_text("another")
    done = install("--yes")
    assert done.exit_code == 0, done.output
    assert "has a library already" in done.output
    assert (state / "crispd.sqlite3").read_text() == "another"
    with pytest.raises(QueryError, match="library of its own"):
        backup.carry_over(library, state)


def test_ones_own_service_goes_on_with_it(library: Path, tmp_path: Path) -> None:
    done = install("--user", "--yes")
    assert done.exit_code == 0, done.output
    assert f"CRISPD_DATA_DIR={library}" in (tmp_path / "units" / "crispd.service").read_text()
    assert not (tmp_path / "state").exists()


def test_a_data_folder_that_is_named_is_the_services(library: Path, tmp_path: Path) -> None:
    done = install("--data-dir", str(library), "--yes")
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "state").exists()
