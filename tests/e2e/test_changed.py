"""A photo that changed is read again, whatever its size and time say; and when it is asked for."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.server import Server, command

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
WHOLE_SECONDS = (1_600_000_000, 1_600_000_000)


def picture(path: Path, colour: tuple[int, int, int]) -> None:
    """Bitmaps of one size have one length, whatever is on them."""
    Image.new("RGB", (64, 48), colour).save(path, "BMP")
    os.utime(path, WHOLE_SECONDS)


def columns(data: Path, *names: str) -> list[Any]:
    connection = sqlite3.connect(data / "crispd.sqlite3")
    try:
        return connection.execute(f"SELECT {', '.join(names)} FROM photos ORDER BY path").fetchall()
    finally:
        connection.close()


def hashes(server: Server) -> dict[str, str]:
    rows = columns(server.data, "path", "content_hash")
    return {os.fsdecode(path): content for path, content in rows}


@pytest.mark.usefixtures("indexed")
def test_an_edit_that_keeps_size_and_time(photos: Path, serve: Serve) -> None:
    """While crispd is not there, in place and by a rename; as exiftool -P and others do it."""
    for name in ("in place.bmp", "by rename.bmp", "as it was.bmp"):
        picture(photos / name, (200, 30, 30))
    server = serve(photos)
    assert server.settle()["photos"] == 26
    before = hashes(server)
    server.stop()
    sizes = [(photos / name).stat().st_size for name in ("in place.bmp", "by rename.bmp")]
    with (photos / "in place.bmp").open("r+b") as file:
        file.seek(100)
        file.write(b"other")
    os.utime(photos / "in place.bmp", WHOLE_SECONDS)
    picture(photos / "new", (30, 200, 30))
    (photos / "new").replace(photos / "by rename.bmp")
    assert sizes == [(photos / name).stat().st_size for name in ("in place.bmp", "by rename.bmp")]
    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["encoded"], status["linked"]) == (26, 2, 0)
    after = hashes(server)
    changed = {name for name, content in after.items() if before[name] != content}
    assert changed == {"in place.bmp", "by rename.bmp"}
    server.stop()
    assert serve(photos).settle()["encoded"] == 0


@pytest.mark.usefixtures("indexed")
def test_what_leaves_the_content_alone_costs_no_inference(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    server.settle()
    for path in photos.glob("*.jpg"):
        path.chmod(0o640)  # another ctime, the same bytes
    (photos / "moved").mkdir()
    (photos / "grass.jpg").rename(photos / "moved" / "grass.jpg")
    (photos / "gravel.jpg").rename(photos / "renamed.jpg")
    time.sleep(1)
    status = server.settle()
    assert (status["photos"], status["encoded"]) == (23, 0)
    server.stop()
    # nothing is left to read: ctimes of moves are kept with them
    server = serve(photos)
    status = server.settle()
    assert (status["encoded"], status["linked"], status["moved"]) == (0, 0, 0)
    server.stop()
    # and moved while nobody looked
    (photos / "moved" / "grass.jpg").rename(photos / "grass.jpg")
    server = serve(photos)
    status = server.settle()
    assert (status["moved"], status["linked"]) == (1, 0)
    server.stop()
    assert serve(photos).settle()["linked"] == 0


@pytest.mark.usefixtures("indexed")
def test_an_upgrade_reads_nothing_again(photos: Path, serve: Serve, tmp_path: Path) -> None:
    assert all(all(row) for row in columns(tmp_path / "data", "ctime_ns", "inode"))
    connection = sqlite3.connect(tmp_path / "data" / "crispd.sqlite3")
    connection.execute("UPDATE photos SET ctime_ns = NULL, inode = NULL")  # as an older version
    before = connection.execute("SELECT max(number) FROM changes").fetchone()
    connection.commit()
    connection.close()
    server = serve(photos)
    status = server.settle()
    assert (status["encoded"], status["linked"], status["photos"]) == (0, 0, 23)
    server.stop()
    assert all(all(row) for row in columns(server.data, "ctime_ns", "inode"))
    connection = sqlite3.connect(server.data / "crispd.sqlite3")
    # nothing that is shown has changed, so nothing was noted for the metadata index
    assert connection.execute("SELECT max(number) FROM changes").fetchone() == before
    connection.close()


@pytest.mark.usefixtures("indexed")
def test_a_copied_library_is_not_read_again(photos: Path, serve: Serve) -> None:
    """Every ctime and inode is another one on a new drive."""
    new = photos.parent / "new drive"
    shutil.copytree(photos, new)
    shutil.rmtree(photos)
    server = serve(new)
    status = server.settle()
    assert (status["photos"], status["encoded"], status["linked"]) == (23, 0, 0)


@pytest.mark.usefixtures("indexed")
def test_reading_anew_when_asked(photos: Path, serve: Serve, tmp_path: Path) -> None:
    (photos / "2020").mkdir()
    shutil.copy(photos / "grass.jpg", photos / "2020" / "one.jpg")
    picture(photos / "2020" / "two.bmp", (1, 2, 3))
    server = serve(photos)
    assert server.settle()["photos"] == 25
    linked = server.status()["linked"]

    def ask(body: dict[str, str], status: int = 202) -> Any:
        answer = server.http.post("/photos/reread", json=body)
        assert answer.status_code == status, answer.text
        return answer.json().get("started")

    assert ask({"path": str(photos / "2020")}) == 2
    connection = sqlite3.connect(server.data / "crispd.sqlite3")
    end = time.monotonic() + 20
    while connection.execute("SELECT count(*) FROM photos WHERE ctime_ns = -1").fetchone()[0]:
        assert time.monotonic() < end
        time.sleep(0.05)
    connection.close()
    status = server.settle()
    assert (status["encoded"], status["linked"] >= linked) == (1, True)

    hit = server.get("/search", q="a cat", min_relevance="all")["results"][0]
    assert ask({"id": hit["id"]}) == 1
    assert ask({"path": str(photos / "cat_chelsea.jpg")}) == 1
    assert ask({"path": str(photos)}) == 25
    server.settle()
    for wrong in ("/etc/passwd", str(photos / "nothing.jpg"), "relative", str(photos / "../x")):
        ask({"path": wrong}, 404)

    again = command(tmp_path / "data", "reread", str(photos / "2020"), "--url",
                    str(server.http.base_url), "--json")  # fmt: skip
    assert (again.returncode, '"photos_read_anew": 2' in again.stdout) == (0, True), again.stderr
    server.settle()

    # asked for, and the service was stopped before it came to it
    server.stop()
    connection = sqlite3.connect(server.data / "crispd.sqlite3")
    connection.execute("UPDATE photos SET ctime_ns = -1 WHERE path = x'677261737b'")
    connection.commit()
    connection.close()
    server = serve(photos)
    assert server.settle()["photos"] == 25
