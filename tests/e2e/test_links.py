"""Symbolic links in a real library: followed inside the roots, once each, and never out of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.e2e.tiny import make, picture

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos at 2021/07, one in a hidden store, two outside."""
    make(tmp_path / "photos" / "2021" / "07", 0, 3)
    make(tmp_path / "photos" / ".store" / "deep", 10, 1)
    make(tmp_path / "outside", 20, 2)
    return tmp_path / "photos"


def link(path: Path, target: str | Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)


OWN = {f"2021/07/{number:05}.bmp" for number in range(3)}


def within(server: Server, paths: set[str]) -> None:
    server.until(lambda _: server.paths() == paths, 15)
    assert server.settle()["photos"] == len(paths)


def hint(server: Server, number: int = 0) -> str:
    return server.get("/folders")["folders"][number]["hint"] or ""


def test_what_is_met_by_itself_counts_once(photos: Path, serve: Serve) -> None:
    link(photos / "albums" / "best", "../2021/07")  # a folder
    link(photos / "albums" / "one.bmp", "../2021/07/00001.bmp")  # a file
    link(photos / "chain", "albums/best")
    link(photos / "albums" / "self", "../albums")  # loops
    link(photos / "2021" / "up", photos)
    link(photos / "ring", "gnir")
    link(photos / "gnir", "ring")
    link(photos / "gone.bmp", "missing.bmp")
    server = serve(photos)
    within(server, OWN)
    assert server.status()["failed"] == 0
    assert hint(server).startswith("3 links lead nowhere")

    (photos / "2021" / "07" / "00003.bmp").write_bytes(picture(3))  # seen at its own path
    within(server, OWN | {"2021/07/00003.bmp"})
    assert server.status()["encoded"] == 4
    (photos / "2021" / "07" / "00003.bmp").unlink()
    within(server, OWN)
    # an album of links takes the place of a folder: its photos have only moved
    (photos / "2021" / "07").rename(photos / "summer")
    link(photos / "2021" / "07", "../summer")
    within(server, {path.replace("2021/07", "summer") for path in OWN})
    assert server.status()["encoded"] == 4


def test_a_filter_by_the_name_of_a_link(photos: Path, serve: Serve) -> None:
    link(photos / "albums" / "best", "../2021/07")
    server = serve(photos)
    server.settle()
    for folder in ("albums/best", f"{photos}/albums/best", "2021"):
        found = server.get("/search", folder=folder)["results"]
        assert {hit["path"] for hit in found} == {path for path in OWN if path.startswith("2021")}


def test_what_only_a_link_shows_counts_at_the_link(photos: Path, serve: Serve) -> None:
    link(photos / "shown", ".store")
    link(photos / "named.bmp", ".store/key")
    link(photos / ".store" / "deep" / "up", "..")  # a loop behind a link
    link(photos / ".store" / "away", "../../outside")
    (photos / ".store" / "key").write_bytes(picture(11))
    server = serve(photos)
    shown = {"shown/deep/00010.bmp", "named.bmp"}
    within(server, OWN | shown)
    for hit in server.get("/search", q="red", limit=200, min_relevance="all")["results"]:
        assert server.http.get(hit["original"]).status_code == 200
        assert server.http.get(hit["thumbnail"]).status_code == 200

    (photos / ".store" / "deep" / "new.bmp").write_bytes(picture(12))  # noticed behind the link
    within(server, OWN | shown | {"shown/deep/new.bmp"})
    (photos / "shown").rename(photos / "renamed")
    within(server, OWN | {"named.bmp", "renamed/deep/00010.bmp", "renamed/deep/new.bmp"})
    (photos / ".store" / "deep" / "new.bmp").unlink()
    within(server, OWN | {"named.bmp", "renamed/deep/00010.bmp"})
    assert server.status()["encoded"] == 6
    (photos / "renamed").unlink()
    within(server, OWN | {"named.bmp"})
    link(photos / "again", ".store")  # while it runs
    within(server, OWN | {"named.bmp", "again/deep/00010.bmp"})
    (photos / "named.bmp").replace(photos / "other.bmp")
    within(server, OWN | {"other.bmp", "again/deep/00010.bmp"})
    assert server.stop() == 0
    server = serve(photos)
    within(server, OWN | {"other.bmp", "again/deep/00010.bmp"})
    assert server.status()["encoded"] == 0


def test_another_root_is_inside(photos: Path, tmp_path: Path, serve: Serve) -> None:
    other = tmp_path / "outside"
    link(photos / "other", other)
    link(photos / "other.bmp", other / "00020.bmp")
    link(other / "back", photos)
    server = serve(photos, other)
    within(server, OWN | {"00020.bmp", "00021.bmp"})
    assert (hint(server, 0), hint(server, 1)) == ("", "")


def test_links_that_lead_out_are_refused_and_said(
    photos: Path, tmp_path: Path, serve: Serve
) -> None:
    link(photos / "escape", tmp_path / "outside")
    link(photos / "escape.bmp", "../outside/00020.bmp")
    link(photos / "above", "..")
    link(photos / "chain", "escape")
    server = serve(photos)
    within(server, OWN)
    assert hint(server).startswith("4 links lead out of the folders that crispd was given")
    assert server.get("/problems")["total"] == 0

    link(tmp_path / "turned", photos / ".store")  # one that leads in, and then out
    (tmp_path / "turned").rename(photos / "turned")
    within(server, OWN | {"turned/deep/00010.bmp"})
    link(tmp_path / "turned", tmp_path / "outside")
    (tmp_path / "turned").replace(photos / "turned")
    within(server, OWN)


def test_a_folder_replaced_by_a_way_out(photos: Path, tmp_path: Path, serve: Serve) -> None:
    """Known photos whose path leads out now: neither shown nor served, whatever lies there."""
    server = serve(photos)
    within(server, OWN)
    server.http.post("/indexing/pause")
    hits = server.get("/search", q="red", limit=9, min_relevance="all")["results"]
    (photos / "2021" / "07").rename(tmp_path / "aside")
    link(photos / "2021" / "07", tmp_path / "aside")
    for hit in hits:
        assert server.http.get(hit["original"]).status_code == 404
    server.http.post("/indexing/resume")
    within(server, set())


def test_a_root_that_is_a_link(photos: Path, tmp_path: Path, serve: Serve) -> None:
    link(tmp_path / "pictures", photos)
    server = serve(tmp_path / "pictures")
    within(server, OWN)
    (photos / "new.bmp").write_bytes(picture(50))
    within(server, OWN | {"new.bmp"})
    [hit] = [
        h
        for h in server.get("/search", q="red", min_relevance="all")["results"]
        if h["path"] == "new.bmp"
    ]
    assert server.http.get(hit["original"]).content == picture(50)
    make(tmp_path / "elsewhere" / "2021" / "07", 0, 4)  # it leads to a copy with one more
    link(tmp_path / "next", tmp_path / "elsewhere")
    (tmp_path / "next").replace(tmp_path / "pictures")
    within(server, OWN | {"2021/07/00003.bmp"})
    (tmp_path / "elsewhere" / "live.bmp").write_bytes(picture(51))  # and is listened to
    within(server, OWN | {"2021/07/00003.bmp", "live.bmp"})
    assert server.status()["encoded"] == 6


def test_links_by_the_thousand(tmp_path: Path, serve: Serve) -> None:
    """Each folder links to every other: a walk that follows blindly never ends."""
    photos = tmp_path / "photos"
    for number in range(30):
        make(photos / f"{number}", number, 1)
        make(photos / f".{number}", 100 + number, 1)
    for number in range(30):
        for other in range(30):
            link(photos / f"{number}" / f"to {other}", f"../{other}")
            link(photos / f".{number}" / f"to {other}", f"../.{other}")
    link(photos / "store", ".0")
    server = serve(photos)
    assert server.settle(30)["photos"] == 31
