"""``make run`` as README has it, and the commands that README names after it."""

from __future__ import annotations

import os
import pwd
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.checkout import Checkout
from tests.e2e.indexed import IndexedAlbum
from tests.packs import small
from tests.programs import needs

pytestmark = needs("make")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def run_before(checkout: Checkout, indexed_album: IndexedAlbum) -> None:
    """Its data folder is one that a run has left."""
    indexed_album.copy(checkout.home / "photos", checkout.folder / "data")


@pytest.fixture
def running(checkout: Checkout) -> Iterator[subprocess.Popen[str]]:
    process = checkout.start()
    try:
        wait_until_searchable(checkout, process)
        yield process
    finally:
        stop(process)


def wait_until_searchable(
    checkout: Checkout, process: subprocess.Popen[str], data: Path | None = None
) -> None:
    photos = len(list((checkout.folder / "crispd" / "sample_album").glob("*.jpg")))
    end = time.monotonic() + 120
    known = (data or checkout.folder / "data") / "crispd.sqlite3"
    # it is asked by its own command once: each takes a second of a processor
    while time.monotonic() < end and process.poll() is None and searchable(known) < photos:
        time.sleep(0.1)
    while time.monotonic() < end and process.poll() is None:
        done = checkout.crispd("status")
        if done.returncode == 0 and f"photos             {photos}\n" in squeezed(done.stdout):
            return
    stop(process)
    raise AssertionError(f"not searchable: {process.communicate()[0]}")


def searchable(database: Path) -> int:
    """Photos in it."""
    if not database.is_file():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        try:
            query = "SELECT count(*) FROM photos WHERE state = 'ready'"
            return int(opened.execute(query).fetchone()[0])
        except sqlite3.OperationalError:  # it is being made
            return 0


def squeezed(text: str) -> str:
    return "".join(f"{line.split()[0]:<18} {line.split()[-1]}\n" for line in text.splitlines())


def stop(process: subprocess.Popen[str]) -> None:
    """Ctrl+C reaches the whole group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)


def test_the_commands_of_readme_find_its_data(
    checkout: Checkout, running: subprocess.Popen[str], tmp_path: Path
) -> None:
    data = checkout.folder / "data"
    assert (data / "crispd.sqlite3").is_file()
    backup = checkout.crispd("backup", str(tmp_path / "kept"))
    assert backup.returncode == 0, backup.stderr
    assert "holds 23 photos" in backup.stdout
    doctor = checkout.crispd("doctor").stdout
    assert "23 known" in doctor
    assert str(data) in doctor
    stop(running)
    found = checkout.crispd("search", "dog", "--limit", "1")
    assert found.returncode == 0, found.stderr
    assert "two_dogs_window.jpg" in found.stdout
    assert not list(checkout.home.rglob("crispd*")), "nothing was begun elsewhere"


def test_a_service_that_asks_for_tokens_lets_its_own_commands_in(checkout: Checkout) -> None:
    small.write_pack(checkout.home / "pack")
    kept = checkout.home / "kept"
    process = checkout.start(
        CRISPD_AUTH="required", CRISPD_DATA_DIR=str(kept), CRISPD_PACK=str(checkout.home / "pack")
    )
    try:
        wait_until_searchable(checkout, process, kept)
    finally:
        stop(process)
    assert (kept / "crispd.sqlite3").is_file()
    assert not (checkout.folder / "data").exists()


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    """What is said, when that is one sentence; make's own words would be another."""
    assert done.returncode != 0
    [line] = done.stdout.splitlines()
    return line


def test_a_wrong_folder_is_the_last_and_only_thing_said(checkout: Checkout) -> None:
    line = only_line(checkout.run("PHOTOS=/nowhere/at/all"))
    assert line.startswith("crispd: There is no folder /nowhere/at/all.")
    file = checkout.folder / "Makefile"
    line = only_line(checkout.run(f"PHOTOS={file}"))
    assert line.startswith(f"crispd: {file} is a file, not a folder.")
    line = only_line(checkout.run(CRISPD_PROT="9"))
    assert line.endswith("(did you mean CRISPD_PORT?).")
    assert not (checkout.folder / "data" / "crispd.sqlite3").exists()


@pytest.mark.usefixtures("run_before")
def test_a_known_data_folder_does_not_change_that(checkout: Checkout) -> None:
    line = only_line(checkout.run("PHOTOS=/nowhere/at/all"))
    assert line.startswith("crispd: There is no folder /nowhere/at/all.")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_may_not_be_read(checkout: Checkout, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o700)
    code = (
        "import os, sys; from crispd.watch.path_errors import why_no_folder; os.setuid(1);"
        "print(why_no_folder(sys.argv[1]))"
    )
    done = subprocess.run(
        [str(checkout.folder / ".venv/bin/python"), "-c", code, str(locked)],
        env=checkout.environment | {"USER": "", "LOGNAME": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"The folder {locked} cannot be read by {pwd.getpwuid(1).pw_name}" in done.stdout
