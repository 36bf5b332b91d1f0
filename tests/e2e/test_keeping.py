"""Backups, what comes back of them, and damaged, locked and read-only data folders."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.mounts import mount, unmount
from tests.e2e.server import ALBUM, Server, command
from tests.e2e.test_accidents import many_photos

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
PAGE = 8192


def crispd(data: Path, *arguments: object) -> tuple[int, str, str]:
    done = command(data, *arguments)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def made(data: Path, *arguments: object) -> dict[str, Any]:
    code, out, said = crispd(data, *arguments, "--json")
    assert code == 0, said
    return dict(json.loads(out))


def test_a_backup_while_it_indexes_and_back_again(tmp_path: Path, serve: Serve) -> None:
    photos, data, copy = tmp_path / "photos", tmp_path / "data", tmp_path / "copy.crispd"
    photos.mkdir()
    many_photos(photos, 80)
    server = serve(photos)
    server.until(lambda now: now["encoded"] >= 10, 30)
    first = made(data, "backup", copy)
    assert 10 <= first["photos"] == first["vectors"]
    server.settle()
    second = made(data, "backup", copy)  # one name for every night
    assert second["photos"] == 80
    ids = {
        hit["id"]
        for hit in server.get("/search", q="photo", limit=200, min_relevance="all")["results"]
    }
    code, _, said = crispd(data, "restore", copy)
    assert (code, "Another crispd" in said) == (1, True)
    shutil.copy(ALBUM / "raccoon.jpg", photos / "later.jpg")
    (photos / "000.jpg").unlink()
    server.until(lambda now: now["encoded"] >= 81 and now["photos"] == 80, 20)
    server.stop()

    found = made(data, "restore", copy)
    assert found["photos"] == 80
    assert Path(found["kept"]).exists()
    assert not (data / "index" / "vectors.bin").exists()
    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["index_vectors"], status["encoded"]) == (80, 80, 1)
    assert "000.jpg" not in server.paths()
    server.stop()

    empty = tmp_path / "another machine" / "data"
    assert made(empty, "restore", copy)["kept"] is None
    shutil.copy(ALBUM / "raccoon.jpg", photos / "000.jpg")
    with closing(sqlite3.connect(empty / "crispd.sqlite3")) as database:
        again = {row[0] for row in database.execute("SELECT public_id FROM photos")}
    assert again == ids


@pytest.mark.usefixtures("indexed")
def test_what_is_no_backup_is_refused(photos: Path, tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    made(data, "backup", copy)
    picture = photos / "grass.jpg"
    before = picture.read_bytes()
    code, _, said = crispd(data, "backup", picture)  # a slip of the hand costs no photo
    assert (code, "no backup of crispd" in said) == (2, True)
    code, _, said = crispd(data, "backup", data / "crispd.sqlite3")
    assert (code, "Choose another name" in said) == (2, True)
    assert crispd(data, "backup", tmp_path / "no" / "folder")[0] == 1
    assert crispd(data, "restore", picture)[0] == 1
    assert crispd(data, "restore", tmp_path / "nothing")[0] == 1
    assert picture.read_bytes() == before
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'm999'")
    code, _, said = crispd(data, "restore", copy)
    assert (code, "newer crispd (schema m999" in said) == (1, True)
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'm002'")
    damage(copy, 3)
    code, _, said = crispd(data, "restore", copy)
    assert (code, "damaged" in said) == (1, True)
    assert {path.name[14:] for path in data.glob("crispd.sqlite3*")} <= {"", "-wal", "-shm"}


def damage(path: Path, *pages: int) -> None:
    with path.open("rb+") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(b"\xff" * PAGE)


def refusal(serve: Serve, *folders: Path) -> str:
    with pytest.raises(AssertionError) as failure:
        serve(*folders)
    said = str(failure.value)
    assert "Traceback" not in said, said
    return said


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("pages", [(0,), (2, 5, 9)])
def test_a_damaged_database(
    photos: Path, serve: Serve, tmp_path: Path, pages: tuple[int, ...]
) -> None:
    data = tmp_path / "data"
    server = serve(photos)
    before = server.settle()
    server.kill()  # a power cut: the next start reads the file through
    with closing(sqlite3.connect(data / "crispd.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(data / "crispd.sqlite3", *pages)
    for _ in range(2):
        said = refusal(serve, photos)
        assert "crispd repair" in said
    found = made(data, "repair")
    assert Path(found["kept"]).exists()
    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["index_vectors"]) == (before["photos"], before["photos"])
    # every vector that was saved is used, whatever else of its photo was lost
    assert status["encoded"] == before["photos"] - found["vectors"]
    if pages == (0,):
        assert status["encoded"] == 0
    server.http.post("/folders/rescan")
    server.settle()
    hit = server.hits()["cat_chelsea.jpg"]
    assert (hit["width"] > 0, hit["taken_from"]) == (True, "mtime")
    server.stop()
    code, out, _ = crispd(data, "repair")
    assert (code, out) == (0, "Nothing is wrong with the database.\n")


@pytest.mark.usefixtures("indexed")
def test_damage_that_is_met_while_it_runs(photos: Path, serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with closing(sqlite3.connect(data / "crispd.sqlite3")) as database:
        [(root,)] = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'tokens'"
        ).fetchall()
    damage(data / "crispd.sqlite3", root - 1)
    server = serve(photos)  # nobody asked for what is damaged yet
    answer = server.http.get("/search", params={"q": "a cat"})
    assert (answer.status_code, "crispd repair" in answer.text) == (503, True)
    (photos / "new.jpg").write_bytes((ALBUM / "cat_chelsea.jpg").read_bytes() + b"new")
    assert server.wait() == 1
    assert "crispd repair" in "".join(server.lines)
    assert "crispd repair" in refusal(serve, photos)  # the next start remembers
    assert made(data, "repair")["photos"] == 23
    server = serve(photos)
    assert server.settle()["encoded"] == 1  # the new one


@pytest.mark.usefixtures("indexed")
def test_a_locked_database(photos: Path, serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    other = sqlite3.connect(data / "crispd.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "Another process holds the database" in refusal(serve, photos)
    other.execute("ROLLBACK")
    server = serve(photos)
    server.settle()
    other.execute("BEGIN IMMEDIATE")
    (photos / "cat_chelsea.jpg").rename(photos / "tabby.jpg")
    status = server.until(lambda now: now["state"] == "degraded", 20)
    assert "Another process" in status["message"]
    assert server.get("/search", q="a cat", min_relevance="all")["results"]
    other.execute("ROLLBACK")
    other.close()
    server.until(lambda now: now["state"] == "ready", 20)
    assert "tabby.jpg" in server.paths()


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "data"
    path.mkdir()
    if not mount(path):
        pytest.skip("file systems may not be mounted here")
    yield path
    unmount(path)


def test_a_read_only_data_folder(photos: Path, serve: Serve, sealed: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", sealed], check=True)
    said = refusal(serve, photos)
    assert "cannot be written" in said
    assert "CRISPD_DATA_DIR" in said
