"""What a new user types first.

``python -m benchmarks.finding.first_questions --data DATA [--photos N]``.

A library of ``DATA/strangers`` where a few photos each have a camera's or a phone's name, a folder,
a position, a camera, the name of a face, and the others none of it. Each question is asked of a
real service over HTTP. ``first``: whether the first result is a right one; ``together``: whether
all right ones come before any other. The mean of what is asked is no share of anything: it is a
list of what must not fail.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.common.report import keep, table
from tests.e2e.server import Server

_SHOWN = 20
_FACE = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"><mwg-rs:Regions '
    'rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<mwg-rs:Name>{}</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
    '<mwg-rs:Area stArea:x="0.5" stArea:y="0.4" stArea:w="0.2" stArea:h="0.3" '
    'stArea:unit="normalized"/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Photos of one kind: their ``paths`` (``{}``: a number), and what is written into them."""

    name: str
    paths: str
    count: int = 3
    position: tuple[float, float] | None = None
    camera: tuple[str, str] | None = None
    face: str | None = None


KINDS = (
    Kind("camera file", "Camera/IMG_1061.jpg", 1),
    Kind("phone file", "Camera/PXL_20250702_102320.jpg", 1),
    Kind("folder", "Rex and Bella/DSC_00{}.jpg"),
    Kind("holiday", "2019/Algarve/DSC_01{}.jpg"),
    Kind("Algarve by position", "Camera/IMG_20{}.jpg", position=(37.1028, -8.6730)),
    Kind("Paris", "Camera/IMG_30{}.jpg", position=(48.8584, 2.2945)),
    Kind("Berlin", "Camera/IMG_40{}.jpg", position=(52.5163, 13.3777)),
    Kind("phone", "Camera/IMG_50{}.jpg", camera=("Google", "Pixel 8")),
    Kind("screenshot", "Screenshots/Screenshot_20250{}-101112.jpg"),
    Kind("face", "Camera/IMG_60{}.jpg", face="Grandma Ruth"),
    Kind("other face", "Camera/IMG_70{}.jpg", face="Jürgen"),
)
# What is typed, and the kinds that are meant.
QUESTIONS = (
    ("IMG_1061", {"camera file"}),
    ("img 1061", {"camera file"}),
    ("PXL_20250702_102320.jpg", {"phone file"}),
    ("PXL_20250702", {"phone file"}),
    ("Rex and Bella", {"folder"}),
    ("bella", {"folder"}),
    ("Algarve", {"holiday", "Algarve by position"}),
    ("pixel 8", {"phone"}),
    ("google pixel", {"phone"}),
    ("photos from Paris", {"Paris"}),
    ("paris", {"Paris"}),
    ("near Berlin", {"Berlin"}),
    ("berlin", {"Berlin"}),
    ("germany", {"Berlin"}),
    ("screenshot", {"screenshot"}),
    ("screenshots", {"screenshot"}),
    ("Grandma Ruth", {"face"}),
    ("ruth", {"face"}),
    ("Jürgen", {"other face"}),
    ("jurgen", {"other face"}),
)


def build(source: Path, root: Path, crowd: int) -> dict[str, set[str]]:
    """Write the library: ``crowd`` photos of which nothing is told, and the paths of each kind."""
    rows = [json.loads(line) for line in (source / "captions.jsonl").open(encoding="utf-8")]
    images = random.Random(3).sample(sorted(row["image"] for row in rows), crowd + 40)
    paths: dict[str, set[str]] = {}
    for kind in KINDS:
        paths[kind.name] = {kind.paths.format(10 + number) for number in range(kind.count)}
        for path in sorted(paths[kind.name]):
            _write(source / "images" / images.pop(), root / path, kind)
    for number, image in enumerate(images[:crowd]):
        _write(source / "images" / image, root / f"Other/P{1000 + number}.jpg", Kind("", ""))
    return paths


def _write(source: Path, target: Path, kind: Kind) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if kind.camera:
        exif[0x010F], exif[0x0110] = kind.camera
    if kind.position:
        place = exif.get_ifd(0x8825)
        for at, signs, degrees in zip((1, 3), ("NS", "EW"), kind.position, strict=True):
            place[at] = signs[degrees < 0]
            place[at + 1] = (float(int(abs(degrees))), round(abs(degrees) % 1 * 60, 5), 0.0)
    more = {"xmp": _FACE.format(kind.face).encode()} if kind.face else {}
    with Image.open(io.BytesIO(source.read_bytes())) as image:
        image.convert("RGB").save(target, "JPEG", quality=90, exif=exif, **more)


def answer(server: Server, text: str, right: set[str]) -> dict[str, object]:
    """How a question went: the first path, and whether all right ones stand before any other."""
    found = [str(hit["path"]) for hit in server.get("/search", q=text, limit=_SHOWN)["results"]]
    return {
        "asked": text,
        "first": bool(found) and found[0] in right,
        "together": set(found[: len(right)]) == right,
        "found": len(right & set(found)),
        "of": len(right),
        "before": next((path for path in found if path not in right), ""),
    }


def main() -> None:
    """Build, index, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=1000, help="of which nothing is told")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "photos"
        paths = build(given.data / "strangers", root, given.photos)
        server = Server(Path(folder) / "data", root)
        try:
            server.settle(1800)
            rows = [
                answer(server, text, set().union(*(paths[name] for name in kinds)))
                for text, kinds in QUESTIONS
            ]
        finally:
            server.stop()
    yes = {True: "yes", False: "no"}
    table(
        ["asked", "first", "all right ones before others", "found among 20"],
        [[row["asked"], yes[bool(row["first"])], yes[bool(row["together"])],
          f"{row['found']} of {row['of']}"] for row in rows],
    )  # fmt: skip
    keep("first_questions", {"photos": given.photos, "questions": rows})


if __name__ == "__main__":
    main()
