"""One box, three ways: ``python -m benchmarks.finding.one_box --data DATA``.

What photos show alone, what files say alone, and both in one order.

About 3,000 photos of ``DATA/strangers`` get names, folders, cameras, people and positions as a
household has them, and are indexed as ``crispd index`` does. Then questions of eleven kinds are
asked three ways. ``MRR``: mean reciprocal rank of the first right photo; ``P@10``: right ones among
the first ten, of as many as there are. Intervals: 95 %, by 2,000 draws of questions. The words of
the questions were written for this, none was used to set a constant.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from crispd.config import Settings
from crispd.query.request import SearchRequest, make_query
from crispd.search.engine import SearchEngine
from crispd.search.words.word_evidence import find_evidence
from crispd.service.composition import Service
from crispd.store.reading.reads import Reader
from crispd.store.words.word_index import WordIndex

_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><ext:PersonInImage><rdf:Bag>'
    "<rdf:li>{}</rdf:li></rdf:Bag></ext:PersonInImage></rdf:Description></rdf:RDF></x:xmpmeta>"
)
_FOLDERS = ("2019 Algarve", "Rex and Bella", "Omas 80. Geburtstag", "Umbau Küche", "Ski Zermatt")
_CAMERAS = {"Pixel 8": "Google", "Canon EOS 80D": "Canon", "iPhone 13": "Apple", "ILCE-7M3": "SONY"}
_PEOPLE = ("Anna Schmidt", "Jürgen", "Mehmet Yılmaz", "Zoë", "Grandma Ruth")
_CITIES = {
    "Paris": (48.857, 2.352), "Berlin": (52.52, 13.405), "Lissabon": (38.722, -9.139),
    "München": (48.137, 11.575), "Roma": (41.903, 12.496), "Porto": (41.15, -8.61),
    "Copenhagen": (55.676, 12.568), "Kyoto": (35.012, 135.768),
}  # fmt: skip
_DRAWS = 2000
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Photo:
    """A file of the library, with what was written into it. ``word``: what it shows, if known."""

    path: str
    caption: str | None
    word: str | None
    folder: str
    camera: str | None
    person: str | None
    city: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """``right``: paths of the photos that are meant."""

    kind: str
    text: str
    right: frozenset[str]


def main() -> None:
    """Build the library, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=3000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "photos"
        photos = build(options.data / "strangers", root, options.photos)
        settings = Settings(
            folders=[str(root)], data_dir=Path(folder) / "data", thumbnails_ahead=False
        )
        Service(settings).index_once()
        service = Service(settings)
        service.open_for_search()
        try:
            report(ask(service, questions(photos)))
        finally:
            service.stop()


def build(source: Path, root: Path, count: int) -> list[Photo]:
    """Write the library."""
    rows = [json.loads(line) for line in (source / "captions.jsonl").open()]
    order = {"coco": 0, "names": 1, "scenes": 2, "plain": 3}
    rows.sort(key=lambda row: (row["split"] == "train", order[row["set"]], row["image"]))
    draw = random.Random(7)
    found = []
    for number, row in enumerate(rows[:count]):
        photo = _photo(number, row, draw)
        _write(source / "images" / row["image"], root / photo.path, photo, draw)
        found.append(photo)
    return found


def _photo(number: int, row: dict[str, object], draw: random.Random) -> Photo:
    captions = row["captions"]
    assert isinstance(captions, list)
    kind = row["set"]
    folder = draw.choice(_FOLDERS) if draw.random() < 0.12 else "Camera"
    camera = draw.choice(list(_CAMERAS)) if draw.random() < 0.3 else None
    person = draw.choice(_PEOPLE) if draw.random() < 0.12 else None
    city = draw.choice(list(_CITIES)) if draw.random() < 0.15 else None
    name = f"IMG_{4000 + number}.jpg"
    if camera == "Pixel 8":
        name = f"PXL_2024{draw.randint(1, 12):02}{draw.randint(1, 28):02}_{100000 + number}.jpg"
    if draw.random() < 0.03:
        name = f"Screenshot_{200000 + number}.png.jpg"
    caption = captions[0] if kind == "coco" else None
    word = captions[0].removeprefix("a photo of ") if kind in {"names", "scenes"} else None
    return Photo(f"{folder}/{name}", caption, word, folder, camera, person, city)


def _write(source: Path, target: Path, photo: Photo, draw: random.Random) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if photo.camera:
        exif[0x010F], exif[0x0110] = _CAMERAS[photo.camera], photo.camera
    if photo.city:
        places = exif.get_ifd(0x8825)
        for at, signs, degrees in zip((1, 3), ("NS", "EW"), _CITIES[photo.city], strict=True):
            degrees += draw.uniform(-0.02, 0.02)
            places[at] = signs[degrees < 0]
            places[at + 1] = (float(int(abs(degrees))), round(abs(degrees) % 1 * 60, 5), 0.0)
    more = {"xmp": _XMP.format(photo.person).encode()} if photo.person else {}
    with Image.open(io.BytesIO(source.read_bytes())) as image:
        image.convert("RGB").save(target, "JPEG", quality=90, exif=exif, **more)


def questions(photos: list[Photo]) -> list[Question]:
    """Of every kind, as people type them."""
    draw = random.Random(11)
    found = [
        Question("caption", photo.caption, frozenset([photo.path]))
        for photo in photos
        if photo.caption
    ][:35]
    of_word = _group(photos, lambda photo: photo.word)
    words = sorted(of_word)
    draw.shuffle(words)
    found += [Question("what it shows", word, of_word[word]) for word in words[:35]]
    named = draw.sample([photo for photo in photos if "/IMG" in photo.path], 20)
    for photo in named:
        stem = photo.path.rpartition("/")[2].removesuffix(".jpg")
        found.append(Question("file", stem, frozenset([photo.path])))
    for kind, key, form in (
        ("folder", lambda photo: photo.folder if photo.folder != "Camera" else None, "{}"),
        ("camera", lambda photo: photo.camera, "{}"),
        ("person", lambda photo: photo.person, "{}"),
        ("place", lambda photo: photo.city, "photos from {}"),
    ):
        groups = _group(photos, key)
        found += [Question(kind, form.format(name), groups[name]) for name in sorted(groups)]
        # and with what the photo shows: one right photo or a few
        mixed = _group(photos, lambda photo, key=key: _pair(key(photo), photo.word))
        pairs = draw.sample(sorted(mixed), min(15, len(mixed)))
        found += [
            Question(f"{kind} and what it shows", f"{word} {name}", mixed[name, word])
            for name, word in pairs
        ]
    shots = frozenset(photo.path for photo in photos if "Screenshot" in photo.path)
    return [*found, Question("file", "screenshot", shots)]


def _pair(name: str | None, word: str | None) -> tuple[str, str] | None:
    return None if name is None or word is None else (name, word)


def _group(photos, key):
    groups = defaultdict(set)
    for photo in photos:
        if (name := key(photo)) is not None:
            groups[name].add(photo.path)
    return {name: frozenset(paths) for name, paths in groups.items()}


Scores = dict[str, dict[str, list[tuple[float, float]]]]


def ask(service: Service, asked: list[Question]) -> Scores:
    """(reciprocal rank, P@10) of each question, by kind and way."""
    engine: SearchEngine = service._parts.engine
    source = service._parts.library.database.read().for_pack(service._parts.library.pack.id)
    words = source.words(service._parts.library.pack.id)
    fusion = engine._fusion
    found: Scores = defaultdict(lambda: defaultdict(list))
    for question in asked:
        query = make_query(
            SearchRequest(question.text, limit=_SHOWN, min_relevance="all", spelling=True)
        )
        for way, part in (("photos alone", None), ("fused", fusion)):
            engine._fusion = part
            hits = [hit.photo.path for hit in engine.search(query).hits]
            found[question.kind][way].append(_score(hits, question.right))
        paths = _by_words(words, source, query.words)
        found[question.kind]["words alone"].append(_score(paths, question.right))
    return found


def _by_words(words: WordIndex, reader: Reader, text: str) -> list[str]:
    """Paths in the order of what files say alone."""
    evidence = find_evidence(words, text)
    if evidence is None:
        return []
    order = np.argsort(-evidence.probabilities(np.zeros(len(evidence.rows), np.float32)))
    rows = evidence.rows[order[:_SHOWN]].tolist()
    photos = reader.photos_at(rows)
    return [photos[row].path for row in rows if row in photos]


def _score(paths: list[str], right: frozenset[str]) -> tuple[float, float]:
    ranks = [at for at, path in enumerate(paths, 1) if path in right]
    first = sum(path in right for path in paths[:10])
    return (1 / ranks[0] if ranks else 0.0), first / min(10, len(right))


def report(found: Scores) -> None:
    """A table by kind, and all together."""
    every: dict[str, list[tuple[float, float]]] = defaultdict(list)
    ways = ("photos alone", "words alone", "fused")
    print("| kind | questions | " + " | ".join(f"{way}: MRR, P@10" for way in ways) + " |")
    print("|---|---|" + "---|" * len(ways))
    for kind, scores in found.items():
        cells = [_cell(scores[way]) for way in ways]
        print(f"| {kind} | {len(scores['fused'])} | " + " | ".join(cells) + " |")
        for way in ways:
            every[way] += scores[way]
    cells = [_cell(every[way]) for way in ways]
    print(f"| all | {len(every['fused'])} | " + " | ".join(cells) + " |")


def _cell(scores: list[tuple[float, float]]) -> str:
    values = np.array(scores)
    draws = np.random.default_rng(1).integers(0, len(values), (_DRAWS, len(values)))
    low, high = np.percentile(values[draws].mean(1), [2.5, 97.5], axis=0)
    mean = values.mean(0)
    return ", ".join(
        f"{m:.2f} ({a:.2f} to {b:.2f})" for m, a, b in zip(mean, low, high, strict=True)
    )


if __name__ == "__main__":
    main()
