"""What new users type first, over HTTP against a real process: each finds its photos first.

The photos are those of a folder, given names, folders, cameras, people and places as a household
has them. ``python -m tests.e2e.test_one_box FOLDER LIBRARY`` writes such a library of the photos in
any folder, and prints what each question finds in it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><ext:PersonInImage><rdf:Bag>'
    "<rdf:li>{}</rdf:li></rdf:Bag></ext:PersonInImage></rdf:Description></rdf:RDF></x:xmpmeta>"
)
PARIS, BERLIN, POTSDAM, FARO = (48.857, 2.352), (52.52, 13.405), (52.396, 13.058), (37.019, -7.93)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a photo: where it lies, and what stands in its file."""

    path: str
    camera: tuple[str, str] | None = None
    person: str | None = None
    at: tuple[float, float] | None = None
    size: tuple[int, int] | None = None


PIXEL = ("Google", "Pixel 8")
TOLD = (
    Told("Camera/IMG_1061.jpg"),
    Told("Camera/IMG_1610.jpg"),
    Told("Camera/PXL_20250702_102320.jpg", camera=PIXEL),
    Told("Camera/PXL_20250702_102555.jpg", camera=PIXEL),
    Told("Rex and Bella/1.jpg"),
    Told("Rex and Bella/2.jpg"),
    Told("2019 Algarve/3.jpg"),
    Told("2019 Algarve/4.jpg", at=FARO),
    Told("Camera/city_a.jpg", at=PARIS),
    Told("Camera/city_b.jpg", at=(48.86, 2.34)),
    Told("Camera/city_c.jpg", at=POTSDAM),
    Told("Camera/city_d.jpg", at=BERLIN),
    Told("Phone/Screenshot_20240101-120000.png", size=(1080, 2340)),
    Told("Phone/IMG_0007.PNG", size=(1170, 2532)),
    Told("Camera/guest_a.jpg", person="Anna Schmidt"),
    Told("Camera/guest_b.jpg", person="Anna Schmidt"),
    Told("Camera/guest_c.jpg", person="Mehmet Yılmaz"),
)
# A question, and the photos that come first, in any order.
QUESTIONS = {
    "IMG_1061": {"Camera/IMG_1061.jpg"},
    "img1061": {"Camera/IMG_1061.jpg"},
    "PXL_20250702_102320.jpg": {"Camera/PXL_20250702_102320.jpg"},
    "Rex and Bella": {"Rex and Bella/1.jpg", "Rex and Bella/2.jpg"},
    "Algarve": {"2019 Algarve/3.jpg", "2019 Algarve/4.jpg"},
    "pixel 8": {"Camera/PXL_20250702_102320.jpg", "Camera/PXL_20250702_102555.jpg"},
    "photos from Paris": {"Camera/city_a.jpg", "Camera/city_b.jpg"},
    "Fotos aus Frankreich": {"Camera/city_a.jpg", "Camera/city_b.jpg"},
    "near Berlin": {"Camera/city_d.jpg", "Camera/city_c.jpg"},
    "screenshot": {"Phone/Screenshot_20240101-120000.png", "Phone/IMG_0007.PNG"},
    "Anna Schmidt": {"Camera/guest_a.jpg", "Camera/guest_b.jpg"},
    "mehmet": {"Camera/guest_c.jpg"},
}
# The same of somebody who speaks another language.
SPOKEN = {
    ("cs", "fotky z Paříže"): QUESTIONS["photos from Paris"],
    ("cs", "v Berlíně"): {"Camera/city_d.jpg"},
    ("cs", "poblíž Berlína"): QUESTIONS["near Berlin"],
    ("cs", "ve Francii"): QUESTIONS["photos from Paris"],
    ("cs", "fotky Anny"): QUESTIONS["Anna Schmidt"],
    ("cs", "snímek obrazovky"): QUESTIONS["screenshot"],
    ("fr", "photos de Paris"): QUESTIONS["photos from Paris"],
    ("fr", "près de Berlin"): QUESTIONS["near Berlin"],
    ("fr", "capture d’écran"): QUESTIONS["screenshot"],
    ("de", "Fotos aus Frankreich"): QUESTIONS["photos from Paris"],
    ("de", "in der Nähe von Berlin"): QUESTIONS["near Berlin"],
}


def make_library(pictures: Sequence[Path], folder: Path) -> None:
    """The first pictures as ``TOLD`` has them, the others as they are."""
    (folder / "Others").mkdir(parents=True)
    for number, path in enumerate(pictures):
        told = TOLD[number] if number < len(TOLD) else Told(f"Others/{path.name}")
        target = folder / told.path
        target.parent.mkdir(exist_ok=True)
        with Image.open(path) as image:
            picture = image.convert("RGB")
        if told.size is not None:
            picture = picture.resize(told.size)
        if target.suffix.lower() == ".png":
            picture.save(target, compress_level=1)
        else:
            xmp = {"xmp": _XMP.format(told.person).encode()} if told.person else {}
            picture.save(target, quality=90, exif=_exif(told), **xmp)


def _exif(told: Told) -> Image.Exif:
    exif = Image.Exif()
    if told.camera is not None:
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = told.camera
    for at, degrees in enumerate(told.at or (), 1):
        values = {2 * at - 1: ("NS", "EW")[at - 1][degrees < 0], 2 * at: (abs(degrees), 0.0, 0.0)}
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(values)
    return exif


def asked(server: Server, question: str, language: str = "en") -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = server.get("/search", q=question, language=language)["results"]
    return hits


@pytest.mark.slow
def test_what_people_type_first_finds_its_photos_first(tmp_path: Path, serve: Serve) -> None:
    photos = tmp_path / "photos"
    make_library(sorted(ALBUM.glob("*.jpg")), photos)
    server = serve(photos)
    server.settle()
    for question, wanted in QUESTIONS.items():
        hits = asked(server, question)
        assert {hit["path"] for hit in hits[: len(wanted)]} == wanted, question
        assert all(hit["matched"] for hit in hits[: len(wanted)]), question
    for (language, question), wanted in SPOKEN.items():
        hits = asked(server, question, language)
        assert {hit["path"] for hit in hits[: len(wanted)]} == wanted, question
    nearest, farther = asked(server, "near Berlin")
    assert nearest["path"] == "Camera/city_d.jpg"
    assert nearest["place"]["name"] == "Berlin"
    far = [hit["matched"][-1]["distance"] for hit in (nearest, farther)]
    assert far[0] < 1000 < 20_000 < far[1] < 35_000
    [of_paris] = asked(server, "photos from Paris")[0]["matched"]
    assert (of_paris["field"], of_paris["value"]) == ("place", "Paris, France")
    people = server.get("/people")["people"]
    assert [(each["name"], each["count"]) for each in people] == [
        ("Anna Schmidt", 2), ("Mehmet Yılmaz", 1)
    ]  # fmt: skip
    assert [each["name"] for each in server.get("/people", q="YILMAZ")["people"]] == [
        "Mehmet Yılmaz"
    ]
    found = server.get("/places", bounds="45,-5,51,8")["places"]
    assert [(each["name"], each["count"]) for each in found] == [("Paris", 2)]


def main() -> None:
    """A trial over the photos of a folder."""
    pictures, folder = sorted(Path(sys.argv[1]).glob("*.jpg")), Path(sys.argv[2])
    make_library(pictures, folder)
    with tempfile.TemporaryDirectory() as data:
        server = Server(Path(data), folder)
        server.settle(1800)
        print(f"{server.status()['photos']} photos at {server.http.base_url}")
        for question, wanted in QUESTIONS.items():
            hits = asked(server, question)
            first = [hit["path"] for hit in hits[: len(wanted)]]
            right = "as it should" if set(first) == wanted else f"WRONG: {first}"
            print(f"{question}: {len(hits)} photos, {right}")
        input("Enter ends it. ")
        server.stop()


if __name__ == "__main__":
    main()
