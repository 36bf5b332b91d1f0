"""Single words in German, French and Czech.

``python -m benchmarks.finding.single_words --data DATA``.

Three questions, as a search of the service reads words, with nothing known of who asks and with the
language told. Everyday words (``single_words.tsv``, our own list): is the vector of a word nearer
to that of what it means than to those of all other words of the list? And how many of the first ten
photos that the English word brings does it bring first, and call likely, among the sentences'
photos of ``DATA/strangers``? Class names: is the photo of the thing first among the 334 of
``DATA/strangers``, one of each? Intervals of the first and last are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.finding.text_reading import wilson
from crispd.config import Settings
from crispd.query.request import SearchRequest, make_query
from crispd.service.composition import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.search.engine import SearchEngine
    from crispd.types import Query

HERE = Path(__file__).parent
CLASS_NAMES = HERE.parent.parent / "models" / "train" / "languages" / "class_names.tsv"
LANGUAGES = ("de", "fr", "cs")
AMONG = {("coco", "dev"), ("plain", "distractor")}  # sets and splits
SHARED = ["language", "% of the English words' first ten photos", "% of their likely ones, likely"]


def words() -> dict[str, list[str]]:
    """The list's words by language, English among them."""
    return _columns(HERE / "single_words.tsv")


def _columns(path: Path) -> dict[str, list[str]]:
    head, *lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return dict(zip(head, map(list, zip(*lines, strict=True)), strict=True))


def asked(text: str, language: str | None) -> Query:
    """As the box asks."""
    return make_query(
        SearchRequest(text, limit=1, min_relevance="all", spelling=True, language=language)
    )


def everyday(engine: SearchEngine, language: str, told: str | None) -> list[str]:
    """Words of the list that lead elsewhere than to what they mean."""
    listed = words()
    english = np.stack([_vector(engine, word, None) for word in listed["en"]])
    missed = []
    for at, word in enumerate(listed[language]):
        nearest = int(np.argmax(english @ _vector(engine, word, told)))
        if nearest != at:
            missed.append(f"{word} ({listed['en'][nearest]})")
    return missed


def _vector(engine: SearchEngine, word: str, language: str | None) -> np.ndarray:
    vector = engine._encoder.encode(asked(word, language)).vector
    assert vector is not None, word
    return np.asarray(vector)


def names(data: Path) -> list[tuple[str, dict[str, str]]]:
    """Photo and names of each thing, by language."""
    lines = (data / "imagenet" / "classes.tsv").read_text(encoding="utf-8").splitlines()
    index = {name: at for at, _, name in (line.split("\t") for line in lines)}
    listed = _columns(CLASS_NAMES)
    place = {at: row for row, at in enumerate(listed["index"])}
    rows = [json.loads(line) for line in (data / "strangers" / "captions.jsonl").open()]
    found = []
    for row in rows:
        if row["set"] == "names":
            (name,) = row["captions"]
            at = place[index[name]]
            found.append((row["image"], {"en": name, **{c: listed[c][at] for c in LANGUAGES}}))
    return found


def first(engine: SearchEngine, text: str, language: str | None) -> str:
    """The name of the first photo."""
    hits = engine.search(asked(text, language)).hits
    return Path(hits[0].photo.path).name if hits else ""


@dataclass(frozen=True, slots=True)
class Ten:
    """The first ten photos of a word, and those of them that are called likely."""

    photos: frozenset[str]
    likely: frozenset[str]


def first_ten(engine: SearchEngine, text: str, language: str | None) -> Ten:
    """As a search answers."""
    query = make_query(
        SearchRequest(text, limit=10, min_relevance="all", spelling=True, language=language)
    )
    hits = engine.search(query).hits
    likely = frozenset(hit.photo.path for hit in hits if hit.relevance == "likely")
    return Ten(frozenset(hit.photo.path for hit in hits), likely)


def same_photos(engine: SearchEngine) -> dict[str, dict[str, float]]:
    """Of each language, told: percentage of the English words' first ten photos that its own bring
    among theirs, and of their likely ones that are likely.
    """
    listed, found = words(), {}
    english = [first_ten(engine, word, "en") for word in listed["en"]]
    for language in LANGUAGES:
        own = [first_ten(engine, word, language) for word in listed[language]]
        pairs = list(zip(english, own, strict=True))
        shared = [100 * len(a.photos & b.photos) / len(a.photos) for a, b in pairs]
        likely = sum(len(a.likely) for a in english)
        kept = sum(len(a.likely & b.likely) for a, b in pairs)
        found[language] = {"photos": float(np.mean(shared)), "likely": 100 * kept / likely}
    return found


def sentence_photos(data: Path) -> list[str]:
    """Photos of strangers that sentences are asked of, and those among them."""
    rows = map(json.loads, (data / "strangers" / "captions.jsonl").open())
    return [row["image"] for row in rows if (row["set"], row["split"]) in AMONG]


@contextmanager
def served(data: Path, images: list[str], pack: str) -> Iterator[SearchEngine]:
    """A service that has these photos of strangers."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "photos"
        root.mkdir()
        for image in images:
            shutil.copy(data / "strangers" / "images" / image, root)
        settings = Settings(
            folders=[str(root)], data_dir=Path(folder) / "data", thumbnails_ahead=False, pack=pack
        )
        Service(settings).index_once()
        service = Service(settings)
        service.open_for_search()
        try:
            yield service._parts.engine
        finally:
            service.stop()


def main() -> None:
    """Index the photos, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    given = parser.parse_args()
    things = names(given.data)
    with served(given.data, [image for image, _ in things], given.pack) as engine:
        report(engine, things)
    with served(given.data, sentence_photos(given.data), given.pack) as engine:
        shared = same_photos(engine)
    table(SHARED, [[name, *(f"{x:.1f}" for x in found.values())] for name, found in shared.items()])
    keep("single_words_photos", shared)


def report(engine: SearchEngine, things: list[tuple[str, dict[str, str]]]) -> None:
    """A row a language and way."""
    rows, kept = [], {}
    of = len(words()["en"])
    for language in ("en", *LANGUAGES):
        for told in (None, language) if language != "en" else (None,):
            way = f"{language}, {'told' if told else 'not told'}"
            missed = everyday(engine, language, told) if language != "en" else []
            found = [first(engine, called[language], told) == image for image, called in things]
            meant = wilson(of - len(missed), of) if language != "en" else "-"
            rows.append([way, meant, wilson(sum(found), len(found))])
            kept[way] = {"words": of - len(missed), "missed": missed, "names": sum(found)}
            say(f"{way}, words that lead elsewhere: {'; '.join(missed) or 'none'}")
    table(["language", "everyday words, nearest to what they mean", "class names, first"], rows)
    keep("single_words", {"of_words": of, "of_names": len(things), "ways": kept})


if __name__ == "__main__":
    main()
