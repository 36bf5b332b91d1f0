"""A data folder that is taken away, is read-only, or is asked for twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.mounts import read_only
from tests.e2e.server import Server, command
from tests.e2e.test_doctor import doctor

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack


@pytest.mark.usefixtures("indexed")
def test_a_data_folder_that_is_taken_away(photos: Path, serve: Serve, tmp_path: Path) -> None:
    server = serve(photos)
    server.settle()
    data = tmp_path / "data"
    data.rename(tmp_path / "away")
    status = server.until(lambda now: now["state"] == "degraded", 10)
    assert f"The data folder {data} is gone" in status["message"]
    assert server.get("/search", q="a cat", min_relevance="all")["results"]
    # nothing of it is made anew, whatever is asked for or happens
    shutil.copy(photos / "grass.jpg", photos / "another.jpg")
    hit = server.get("/search", q="grass", min_relevance="all")["results"][0]
    server.http.get(hit["thumbnail"], params={"size": 1280})
    assert not data.exists()

    # nobody else begins anew there, or leaves anything where it belongs
    second = command(data, "serve", str(photos))
    assert second.returncode == 1
    assert f"process {server.pid}" in second.stdout + second.stderr
    assert not data.exists()
    assert server.status()["state"] == "degraded"

    # back again: what happened meanwhile is caught up with
    (tmp_path / "away").rename(data)
    status = server.until(lambda now: now["photos"] == 24, 15)
    assert server.until(lambda now: now["state"] == "ready", 10)["message"] is None
    assert server.stop() == 0


@pytest.mark.usefixtures("indexed")
def test_a_data_folder_that_is_deleted(photos: Path, serve: Serve, tmp_path: Path) -> None:
    server = serve(photos)
    server.settle()
    shutil.rmtree(tmp_path / "data")
    # several at once want connections that cannot be opened any more
    with ThreadPoolExecutor(8) as asking:
        answers = [asking.submit(server.status) for _ in range(40)]
        assert all(answer.result()["photos"] == 23 for answer in answers)
    status = server.until(lambda now: now["state"] == "degraded", 10)
    assert "is gone" in status["message"]
    server.stop()
    assert not (tmp_path / "data").exists()
    assert serve(photos).settle()["photos"] == 23


@pytest.fixture
def locked(indexed: None, tmp_path: Path) -> Iterator[Path]:
    """The data folder of an indexed album, read-only."""
    data = tmp_path / "data"
    if not read_only(data, on=True):
        pytest.skip("file systems may not be mounted here")
    yield data
    read_only(data, on=False)


def test_a_read_only_data_folder(
    locked: Path, photos: Path, serve: Serve, tmp_path: Path, pack: dict[str, str]
) -> None:
    server = serve(photos)
    status = server.status()
    assert (status["state"], status["photos"]) == ("degraded", 23)
    assert "read-only" in status["message"]
    hit = server.hits()["cat_chelsea.jpg"]
    assert hit["online"] is True
    for picture in (hit["thumbnail"], hit["original"]):
        assert server.http.get(picture).status_code == 200
    [folder] = server.get("/folders")["folders"]
    assert (folder["path"], folder["online"], folder["photos"]) == (str(photos), True, 23)
    assert server.http.get("/readyz").status_code == 200
    answer = server.http.post("/folders/rescan")
    assert (answer.status_code, "read-only" in answer.json()["detail"]) == (503, True)

    made = command(locked, "backup", str(tmp_path / "copy.sqlite3"))
    assert (made.returncode, "23 photos" in made.stdout) == (0, True), made.stderr
    code, found = doctor(locked, str(photos))
    seen = {finding["what"]: finding for finding in found}
    assert (code, seen["data folder"]["level"]) == (1, "bad")
    assert "read-only" in seen["data folder"]["seen"]
    assert (seen["database"]["level"], "repair" in str(found)) == ("good", False)
    assert server.stop() == 0

    searched = command(locked, "search", "a cat", "--json", **pack)
    assert (searched.returncode, ".jpg" in searched.stdout) == (0, True), searched.stderr
    indexed = command(locked, "index", str(photos), **pack)
    assert (indexed.returncode, "read-only" in indexed.stderr) == (1, True)


@pytest.mark.usefixtures("indexed")
def test_after_a_kill_it_is_read_all_the_same(photos: Path, serve: Serve, tmp_path: Path) -> None:
    server = serve(photos)
    server.settle()
    server.kill()
    data = tmp_path / "data"
    if not read_only(data, on=True):
        pytest.skip("file systems may not be mounted here")
    try:
        server = serve(photos)
        assert server.status()["photos"] == 23
        assert server.get("/search", q="a cat", min_relevance="all")["results"]
        server.stop()
    finally:
        read_only(data, on=False)
    assert serve(photos).settle()["encoded"] == 0
