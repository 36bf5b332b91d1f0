"""Single words in German, French and Czech.

``python -m benchmarks.finding.single_words --data DATA``.

Two questions, as a search of the service reads words, with nothing known of who asks and with the
language told. Everyday words (``single_words.tsv``, our own list): is the vector of a word nearer
to that of what it means than to those of all other words of the list? Class names: is the photo of
the thing first among the 334 of ``DATA/strangers``, one of each? Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.finding.text_reading import wilson
from crispd.config import Settings
from crispd.query.request import SearchRequest, make_query
from crispd.service.composition import Service

if TYPE_CHECKING:
    from crispd.search.engine import SearchEngine
    from crispd.types import Query

HERE = Path(__file__).parent
CLASS_NAMES = HERE.parent.parent / "models" / "train" / "languages" / "class_names.tsv"
LANGUAGES = ("de", "fr", "cs")


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


def main() -> None:
    """Index the photos, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    given = parser.parse_args()
    things = names(given.data)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "photos"
        root.mkdir()
        for image, _ in things:
            shutil.copy(given.data / "strangers" / "images" / image, root)
        settings = Settings(
            folders=[str(root)], data_dir=Path(folder) / "data", thumbnails_ahead=False,
            pack=given.pack,
        )  # fmt: skip
        Service(settings).index_once()
        service = Service(settings)
        service.open_for_search()
        try:
            report(service._parts.engine, things)
        finally:
            service.stop()


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
