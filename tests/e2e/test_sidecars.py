"""XMP files beside photos, with the service running."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import ALBUM, Server
from tests.images.test_photo_metadata import xmp_with

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
SOON = 8.0


def packet(year: int, word: str = "grandma") -> bytes:
    return xmp_with(
        f"<exif:DateTimeOriginal>{year}-05-01T12:00:00</exif:DateTimeOriginal>"
        "<xmp:Rating>4</xmp:Rating><exif:GPSLatitude>48,30.0N</exif:GPSLatitude>"
        "<exif:GPSLongitude>2,30.0E</exif:GPSLongitude><lr:hierarchicalSubject>"
        f"<rdf:Bag><rdf:li>{word}</rdf:li></rdf:Bag></lr:hierarchicalSubject>"
        "<photoshop:Headline>Picnic</photoshop:Headline><Iptc4xmpExt:PersonInImage><rdf:Bag>"
        "<rdf:li>Anna Berg</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    shutil.copy(ALBUM / "coffee_cup.jpg", made / "cup.jpg")
    return made


def photos(server: Server) -> dict[str, dict[str, Any]]:
    found = server.get("/search", type="jpeg,png", limit=50)["results"]
    answers = {hit["path"]: server.http.get(f"/photos/{hit['id']}") for hit in found}
    # one that has moved meanwhile has another id
    return {path: answer.json() for path, answer in answers.items() if answer.status_code == 200}


def becomes(server: Server, path: str, **expected: object) -> None:
    end = time.monotonic() + SOON
    while True:
        found = photos(server).get(path, {})
        if all(found.get(name) == value for name, value in expected.items()):
            return
        assert time.monotonic() < end, (found, "".join(server.lines))
        time.sleep(0.1)


TOLD = {
    "rating": 4, "latitude": 48.5, "longitude": 2.5, "keywords": ["grandma"], "title": "Picnic",
    "people": ["Anna Berg"],
    "place": {"name": "Soisy-sur-École", "region": "Île-de-France", "country": "France"},
}  # fmt: skip


def test_it_comes_changes_moves_and_goes(folder: Path, serve: Serve) -> None:
    server = serve(folder)
    server.settle()
    before = photos(server)["cup.jpg"]
    beside = folder / "cup.jpg.xmp"
    beside.write_bytes(packet(1988))
    becomes(server, "cup.jpg", taken_at="1988-05-01T12:00:00", taken_from="xmp", **TOLD)
    assert server.paths() == {"cup.jpg"}
    hits = server.get("/search", keyword="grandma", after="1988", before="1989")["results"]
    assert [hit["path"] for hit in hits] == ["cup.jpg"]
    (folder / "new.tmp").write_bytes(packet(1989))
    (folder / "new.tmp").rename(beside)  # how careful programs save
    becomes(server, "cup.jpg", taken_at="1989-05-01T12:00:00", **TOLD)
    beside.rename(folder / "cup.xmp")
    becomes(server, "cup.jpg", taken_at="1989-05-01T12:00:00", **TOLD)
    (folder / "cup.jpg").rename(folder / "mug.jpg")
    becomes(server, "mug.jpg", taken_at=before["taken_at"], keywords=before["keywords"])
    (folder / "cup.xmp").rename(folder / "mug.xmp")
    becomes(server, "mug.jpg", taken_at="1989-05-01T12:00:00", **TOLD)
    (folder / "mug.xmp").unlink()
    becomes(server, "mug.jpg", taken_at=before["taken_at"], rating=before["rating"], latitude=None)
    assert server.status()["encoded"] == 1


def test_changes_while_nobody_watches(folder: Path, serve: Serve) -> None:
    shutil.copy(folder / "cup.jpg", folder / "copy.jpg")
    (folder / "cup.xmp").write_bytes(packet(1988))
    server = serve(folder)
    server.settle()
    becomes(server, "cup.jpg", taken_at="1988-05-01T12:00:00", **TOLD)
    becomes(server, "copy.jpg", rating=None, latitude=None)
    server.stop()
    (folder / "cup.xmp").write_bytes(packet(1990, "aunt"))
    server = serve(folder)
    becomes(server, "cup.jpg", taken_at="1990-05-01T12:00:00", keywords=["aunt"])
    server.stop()
    (folder / "sub").mkdir()
    for name in ("cup.jpg", "cup.xmp"):
        (folder / name).rename(folder / "sub" / name)
    server = serve(folder)
    becomes(server, "sub/cup.jpg", taken_at="1990-05-01T12:00:00", keywords=["aunt"])
    server.stop()
    (folder / "sub/cup.xmp").unlink()
    server = serve(folder)
    becomes(server, "sub/cup.jpg", rating=None, latitude=None)
    assert server.status()["encoded"] == 0
