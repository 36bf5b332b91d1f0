"""A folder that changes under a running service."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
SOON = 3.0  # seconds in which a change must show


def within(server: Server, condition: Callable[[set[str]], bool]) -> float:
    """Seconds until a search shows it."""
    started = time.monotonic()
    while not condition(server.paths()):
        assert time.monotonic() - started < SOON, "".join(server.lines)
        time.sleep(0.05)
    return time.monotonic() - started


def test_copied_renamed_deleted(photos: Path, serve: Serve) -> None:
    new = photos.parent / "cat_chelsea.jpg"
    shutil.move(photos / "cat_chelsea.jpg", new)
    server = serve(photos)
    before = server.settle()
    assert before["photos"] == len(list(ALBUM.glob("*.jpg"))) - 1

    shutil.copy(new, photos / "new.jpg")
    within(server, lambda paths: "new.jpg" in paths)
    assert server.status()["encoded"] == before["encoded"] + 1

    (photos / "new.jpg").rename(photos / "renamed.jpg")
    within(server, lambda paths: "renamed.jpg" in paths and "new.jpg" not in paths)
    (photos / "sub").mkdir()
    (photos / "renamed.jpg").rename(photos / "sub" / "moved.jpg")
    within(server, lambda paths: "sub/moved.jpg" in paths and "renamed.jpg" not in paths)
    (photos / "sub").rename(photos / "other")
    within(server, lambda paths: "other/moved.jpg" in paths and "sub/moved.jpg" not in paths)
    shutil.copy(photos / "other" / "moved.jpg", photos / "copy.jpg")
    within(server, lambda paths: {"copy.jpg", "other/moved.jpg"} <= paths)
    assert server.settle()["encoded"] == before["encoded"] + 1

    (photos / "copy.jpg").unlink()
    within(server, lambda paths: "copy.jpg" not in paths)
    shutil.rmtree(photos / "other")
    within(server, lambda paths: "other/moved.jpg" not in paths)
    assert server.settle()["photos"] == before["photos"]

    shutil.copy(new, photos / "back.jpg")  # its embedding was kept
    within(server, lambda paths: "back.jpg" in paths)
    assert server.settle()["encoded"] == before["encoded"] + 1


@pytest.mark.usefixtures("indexed")
def test_a_file_that_is_replaced_is_read_again(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    server.settle()
    shutil.copy(photos / "cat_chelsea.jpg", photos / "part")
    (photos / "part").replace(photos / "coffee_cup.jpg")
    server.until(lambda status: status["linked"] == 1, SOON)
    hits = server.hits()
    assert hits["cat_chelsea.jpg"]["score"] == hits["coffee_cup.jpg"]["score"]


@pytest.mark.usefixtures("indexed")
def test_a_slow_copy_is_not_read_half(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    server.settle()
    data = (ALBUM / "raccoon.jpg").read_bytes() + b"\0" * 10  # unlike any content that is known
    with (photos / "slow.jpg").open("wb") as file:
        for start in range(0, len(data), len(data) // 6):
            file.write(data[start : start + len(data) // 6])
            file.flush()
            assert server.status()["failed"] == 0
            time.sleep(0.7)  # longer than the settle time: it looks finished each time
    server.until(lambda status: "slow.jpg" in server.paths(), 5)
    assert server.settle()["failed"] == 0


def test_a_restart_encodes_nothing_and_finds_what_happened_meanwhile(
    photos: Path, serve: Serve
) -> None:
    server = serve(photos)
    before = server.settle()
    assert server.stop() == 0
    (photos / "cat_chelsea.jpg").rename(photos / "tabby.jpg")
    (photos / "raccoon.jpg").unlink()
    server = serve(photos)
    after = server.settle()
    assert (after["encoded"], after["linked"]) == (0, 1)
    assert after["photos"] == before["photos"] - 1
    assert "tabby.jpg" in server.paths()
    assert "raccoon.jpg" not in server.paths()


@pytest.mark.usefixtures("indexed")
def test_a_lost_index_is_built_anew_from_the_database(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    server.settle()
    answer = server.get("/search", q="a dog", min_relevance="all")
    server.stop()
    shutil.rmtree(photos.parent / "data" / "index")
    server = serve(photos)
    assert server.settle()["encoded"] == 0
    again = server.get("/search", q="a dog", min_relevance="all")
    assert [hit["id"] for hit in again["results"]] == [hit["id"] for hit in answer["results"]]


@pytest.mark.usefixtures("indexed")
def test_a_folder_that_goes_away_loses_nothing(photos: Path, serve: Serve) -> None:
    photos.rename(photos.parent / "unplugged")
    server = serve(photos)
    assert server.settle()["photos"] == 23
    [folder] = server.get("/folders")["folders"]
    assert folder["online"] is False
    assert "plugged in" in folder["hint"]
    photos.mkdir()  # the mount point without its drive
    server.http.post("/folders/rescan")
    time.sleep(0.5)
    assert server.settle()["photos"] == 23
    photos.rmdir()
    (photos.parent / "unplugged").rename(photos)
    server.until(lambda status: status["folders_online"] == 1, 10)
    assert server.settle()["encoded"] == 0


def test_originals_are_never_touched(photos: Path, serve: Serve) -> None:
    def sums() -> dict[str, str]:
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in photos.iterdir()}

    before = sums()
    times = {path.name: path.stat().st_mtime_ns for path in photos.iterdir()}
    server = serve(photos)
    server.settle()
    for hit in server.get("/search", q="anything", limit=5, min_relevance="all")["results"]:
        assert server.http.get(hit["original"]).status_code == 200
        assert server.http.get(hit["thumbnail"]).status_code == 200
    assert server.stop() == 0
    assert sums() == before
    assert {path.name: path.stat().st_mtime_ns for path in photos.iterdir()} == times


@pytest.mark.usefixtures("indexed")
def test_what_an_older_crispd_did_not_read_is_read_without_encoding(
    photos: Path, serve: Serve
) -> None:
    from PIL import Image

    block = Image.Exif()
    block.get_ifd(0x8769)[0xA434] = "RF 24-105mm F4"
    Image.new("RGB", (64, 64), "teal").save(photos / "IMG_20210703_101200.jpg", exif=block)
    shutil.copy(photos / "IMG_20210703_101200.jpg", photos / "copy.jpg")
    server = serve(photos)
    before = server.settle()
    assert lens_and_time(server) == ("RF 24-105mm F4", "2021-07-03T10:12:00", "filename")
    server.stop()
    with sqlite3.connect(photos.parent / "data" / "crispd.sqlite3") as database:
        database.execute("UPDATE contents SET metadata_version = 0, lens = NULL")
        database.execute(
            "UPDATE photos SET taken_at = NULL, taken_from = NULL, metadata_version = 0"
        )
    database.close()

    server = serve(photos)
    after = server.settle()
    assert (after["photos"], after["encoded"]) == (before["photos"], 0)
    assert lens_and_time(server) == ("RF 24-105mm F4", "2021-07-03T10:12:00", "filename")
    server.stop()
    with sqlite3.connect(photos.parent / "data" / "crispd.sqlite3") as database:
        # a copy of a content that was read again is read again as well
        query = "SELECT count(*) FROM photos WHERE state = 'ready' AND metadata_version = 0"
        assert database.execute(query).fetchone() == (0,)
    database.close()
    server = serve(photos)
    server.settle()
    sea = server.get("/search", q="a red flower", min_relevance="all")["results"][0]
    assert sea["taken_from"] in {"exif", "mtime"}


def lens_and_time(server: Server) -> tuple[str, str, str]:
    results = server.get("/search", q="teal", limit=200, min_relevance="all")["results"]
    [hit] = [hit for hit in results if hit["filename"].startswith("IMG_2021")]
    photo = server.get(f"/photos/{hit['id']}")
    assert (photo["taken_at"], photo["taken_from"]) == (hit["taken_at"], hit["taken_from"])
    return photo["lens"], photo["taken_at"], photo["taken_from"]


def test_what_is_to_be_left_alone(photos: Path, serve: Serve) -> None:
    (photos / "Private").mkdir()
    shutil.copy(photos / "cat_chelsea.jpg", photos / "Private" / "secret.jpg")
    server = serve(photos, exclude="*_meadow.jpg:/nothing")
    server.settle()
    assert "autumn_meadow.jpg" not in server.paths()
    assert "Private/secret.jpg" in server.paths()
    (photos / ".crispdignore").write_text("Private/\n")
    within(server, lambda paths: "Private/secret.jpg" not in paths)
    shutil.copy(photos / "rocket.jpg", photos / "Private" / "rocket.jpg")
    (photos / "Private" / "secret.jpg").rename(photos / "told.jpg")
    within(server, lambda paths: "told.jpg" in paths)
    (photos / "told.jpg").rename(photos / "Private" / "secret.jpg")
    within(server, lambda paths: "told.jpg" not in paths)
    assert not [path for path in server.paths() if path.startswith("Private")]
    (photos / ".crispdignore").unlink()
    within(server, lambda paths: {"Private/secret.jpg", "Private/rocket.jpg"} <= paths)


@pytest.mark.usefixtures("indexed")
def test_a_folder_dates_what_has_no_date(photos: Path, serve: Serve) -> None:
    """And dates it anew where it gets another name."""
    folder = photos / "Rome 2019"
    folder.mkdir()
    Image.effect_noise((90, 60), 90).save(folder / "scan.jpg")
    server = serve(photos)
    server.settle()

    def found(words: str) -> list[tuple[str, str, str]]:
        hits = server.get("/search", q=words)["results"]
        return [(hit["path"], hit["taken_from"], hit["taken_precision"]) for hit in hits]

    assert found("rome 2019") == [("Rome 2019/scan.jpg", "folder", "year")]
    folder.rename(photos / "Rome 2018")
    server.until(lambda _: found("rome 2018") != [], SOON)
    assert found("rome 2018") == [("Rome 2018/scan.jpg", "folder", "year")]
    assert found("rome 2019") == []
    assert server.status()["encoded"] == 1
