"""A folder that the settings name no more: its photos are nowhere, and back at once when named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crispd.api.routes.immich import uuid_of
from tests.e2e.server import Server, command
from tests.e2e.test_doctor import doctor

Serve = Callable[..., Server]
Crispd = Callable[..., tuple[int, str, str]]
CAT, COPY = "cat_chelsea.jpg", "raccoon.jpg"

pytestmark = pytest.mark.small_pack


@pytest.fixture
def other(photos: Path) -> Path:
    """A second folder, with the cat for itself and a raccoon that both have."""
    folder = photos.parent / "other"
    (folder / "2019").mkdir(parents=True)
    (photos / CAT).rename(folder / "2019" / CAT)
    shutil.copy2(photos / COPY, folder / COPY)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    return folder


def hits(server: Server, **asked: object) -> dict[str, dict[str, Any]]:
    """By absolute path."""
    found = server.get("/search", limit=200, min_relevance="all", **asked)["results"]
    return {f"{hit['folder']}/{hit['path']}": hit for hit in found}


@pytest.fixture
def crispd(pack: dict[str, str]) -> Crispd:
    def run(data: Path, *arguments: object) -> tuple[int, str, str]:
        done = command(data, *arguments, port="1", **pack)
        return done.returncode, done.stdout, done.stderr

    return run


def encoded(file: Path) -> int:
    return len(file.read_text().splitlines())


def test_fewer_folders_and_all_of_them_again(
    photos: Path, other: Path, serve: Serve, tmp_path: Path
) -> None:
    counted = tmp_path / "encoded"
    settings: dict[str, Any] = {"counted": counted, "immich_api": "true"}
    server = serve(photos, other, **settings)
    before = server.settle()
    assert (before["photos"], before["index_vectors"], before["failed"]) == (24, 23, 1)
    assert encoded(counted) == 23
    everywhere = hits(server, q="a cat")
    assert len(everywhere) == 24
    cat = everywhere[f"{other}/2019/{CAT}"]
    facets = server.get("/suggestions")
    assert "2019" in {folder["value"] for folder in facets["folders"]}
    assert server.get("/duplicates")["groups"]
    thumbnail = server.http.get(cat["thumbnail"]).content
    server.stop()

    server = serve(photos, **settings)
    is_told = f"{other} is not among the folders any more"
    assert is_told in "".join(server.lines)
    dropped_is_nowhere(server, photos, other, cat)
    status = server.settle()
    assert (status["encoded"], status["linked"], status["removed"]) == (0, 0, 0)
    dropped_is_nowhere(server, photos, other, cat)
    # where a copy of what is kept turns up in a folder that is watched, it is a photo like any
    shutil.copy2(other / "2019" / CAT, photos / "again.jpg")
    # counted last of all: after it is in the database, and after that in the index
    status = server.until(lambda now: now["photos"] == 23 and now["linked"] == 1, 20)
    assert (status["encoded"], status["linked"], status["index_vectors"]) == (0, 1, 23)
    assert f"{photos}/again.jpg" in hits(server, q="a cat")
    (photos / "again.jpg").unlink()
    server.until(lambda now: now["photos"] == 22 and now["index_vectors"] == 22, 20)
    server.stop()

    server = serve(**settings)  # no folder at all: those that were watched last
    assert server.settle()["folders"] == 1
    assert is_told not in "".join(server.lines)
    dropped_is_nowhere(server, photos, other, cat)
    server.stop()

    server = serve(photos, other, **settings)
    assert hits(server, q="a cat").keys() == everywhere.keys()  # at once, before any scan is done
    assert server.http.get(cat["thumbnail"]).content == thumbnail
    status = server.settle()
    assert {name: status[name] for name in ("photos", "index_vectors", "failed")} == {
        "photos": 24, "index_vectors": 23, "failed": 1,
    }  # fmt: skip
    assert (status["encoded"], status["linked"], status["removed"]) == (0, 0, 0)
    assert {path: hit["id"] for path, hit in hits(server, q="a cat").items()} == {
        path: hit["id"] for path, hit in everywhere.items()
    }
    assert server.get("/suggestions")["folders"] == facets["folders"]
    assert encoded(counted) == 23


def dropped_is_nowhere(server: Server, photos: Path, other: Path, cat: dict[str, Any]) -> None:
    for asked in (
        {"q": "a cat"}, {"sort": "newest", "type": "jpeg"}, {"q": "a cat", "group": "duplicates"},
        {"folder": "2019"}, {"folder": str(other)},
    ):  # fmt: skip
        found = hits(server, **asked)
        assert not [path for path in found if not path.startswith(f"{photos}/")], asked
    assert len(hits(server, q="a cat")) == 22
    assert server.get("/search", q="a cat")["considered"] == 22

    unknown = server.http.get("/photos/" + "a" * 24)
    assert unknown.status_code == 404
    address = f"/photos/{cat['id']}"
    for path in (address, cat["thumbnail"], cat["original"], f"{address}/preview"):
        answer = server.http.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["detail"] == unknown.json()["detail"].replace("a" * 24, cat["id"])
    assert server.http.get("/search", params={"like": cat["id"]}).status_code == 404
    asset = f"/api/assets/{uuid_of(cat['id'])}"
    for path in (asset, f"{asset}/thumbnail", f"{asset}/original"):
        assert server.http.get(path).status_code == 404, path
    body = {"query": "a cat", "size": 1000}
    items = server.http.post("/api/search/smart", json=body).json()["assets"]["items"]
    assert items
    assert not [item for item in items if item["originalPath"].startswith(str(other))]

    status = server.status()
    assert (status["photos"], status["failed"], status["index_vectors"]) == (22, 0, 22)
    assert [folder["path"] for folder in server.get("/folders")["folders"]] == [str(photos)]
    assert server.get("/problems") == {"problems": [], "total": 0}
    assert server.get("/duplicates")["groups"] == []
    folders = server.get("/suggestions")["folders"]
    assert "2019" not in {folder["value"] for folder in folders}
    assert "crispd_photos 22.0" in server.http.get("/metrics").text
    for path in ("/", "/?q=a+cat", "/metrics"):
        page = server.http.get(path, headers={"accept": "text/html"}).text
        assert str(other) not in page
        assert cat["id"] not in page
        assert CAT not in page


def test_the_commands_without_a_service(
    photos: Path, other: Path, crispd: Crispd, tmp_path: Path, pack: dict[str, str]
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"

    def found() -> set[str]:
        code, out, said = crispd(
            data, "search", "a cat", "--min-relevance", "all", "--all", "--json"
        )
        assert code == 0, said
        # the raccoon's path is the same in both
        return {hit["path"] for hit in json.loads(out)["results"]}

    assert crispd(data, "index", photos, other)[0] == 0
    assert f"2019/{CAT}" in found()
    code, out, said = crispd(data, "index", photos, "--json")
    assert (code, json.loads(out)["encoded"]) == (0, 0)
    assert f"{other} is not among the folders any more" in said
    assert len(found()) == 22
    assert f"2019/{CAT}" not in found()
    assert crispd(data, "problems")[1] == "Every file could be read.\n"

    code, findings = doctor(data, **pack)
    seen = {finding["what"]: finding["seen"] for finding in findings}
    assert code == 0
    assert "its 2 photos are kept and seen nowhere" in seen[f"folder {other}"]
    assert "22 photos, 0 that failed" in seen["database"]
    assert seen["index"] == "22 vectors, as in the database"
    assert "have none" not in seen["thumbnails"]

    # a backup holds what is kept, and knows what was watched
    code, out, _ = crispd(data, "backup", copy, "--json")
    assert (code, json.loads(out)["photos"]) == (0, 24)
    code, out, _ = crispd(data, "index", photos, other, "--json")
    assert (code, json.loads(out)["encoded"], len(found())) == (0, 0, 23)
    assert crispd(data, "restore", copy)[0] == 0
    assert len(found()) == 22
