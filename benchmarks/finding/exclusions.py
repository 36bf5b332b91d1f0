"""Exclusions in words: ``python -m benchmarks.finding.exclusions --data DATA``.

Fourteen scenes without people, cars or dogs, in each language, over 3,000 photos of
``DATA/strangers`` whose objects a detector told (``DATA/objects.jsonl``). Of the first ten photos
of each, how many show the excluded thing: asked for the scene alone, with the exclusion as words,
and as crispd reads it?
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.common.report import keep, table
from benchmarks.finding.single_words import served
from benchmarks.finding.spelling import rows
from crispd.query.request import SearchRequest, make_query

if TYPE_CHECKING:
    from crispd.search.engine import SearchEngine

LANGUAGES = ("en", "de", "fr", "cs")
# The detector's name of a thing, how each language leaves it out, and scenes that often have it.
_PEOPLE = ("person", ("without people", "ohne Menschen", "sans personnes", "bez lidí"))
_CARS = ("car", ("without cars", "ohne Autos", "sans voitures", "bez aut"))
_DOGS = ("dog", ("without dogs", "ohne Hunde", "sans chiens", "bez psů"))
_BEACH, _STREET = ("beach", "Strand", "plage", "pláž"), ("street", "Straße", "rue", "ulice")
_PARK = ("park", "Park", "parc", "park")
SCENES = {
    _PEOPLE: (
        _BEACH, _STREET, _PARK,
        ("city at night", "Stadt bei Nacht", "ville la nuit", "noční město"),
        ("snow", "Schnee", "neige", "sníh"), ("kitchen", "Küche", "cuisine", "kuchyně"),
        ("boat", "Boot", "bateau", "loď"), ("table", "Tisch", "table", "stůl"),
    ),
    _CARS: (
        _STREET, ("city", "Stadt", "ville", "město"), ("road", "Landstraße", "route", "silnice"),
    ),
    _DOGS: (_BEACH, ("grass", "Gras", "herbe", "tráva"), _PARK),
}  # fmt: skip
_PHOTOS, _FIRST = 3000, 10
_SURE = 0.4  # of an object, as the detector tells it
_SETS = {"coco", "plain"}


def asked(engine: SearchEngine, shown: dict[str, set[str]], at: int, language: str) -> Counter[str]:
    """How many of the first photos show what is left out, by the way it is asked."""
    found = Counter[str]()
    for (thing, left_out), scenes in SCENES.items():
        for scene in scenes:
            whole = f"{scene[at]} {left_out[at]}"
            ways = {"scene": (scene[at], True), "words": (whole, False), "read": (whole, True)}
            for way, (text, parse) in ways.items():
                request = SearchRequest(
                    text, limit=_FIRST, min_relevance="all", language=language, parse=parse
                )
                hits = engine.search(make_query(request)).hits
                found[way] += sum(thing in shown[Path(hit.photo.path).name] for hit in hits)
    return found


def main() -> None:
    """Index the photos, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    options = parser.parse_args()
    shown = {
        row["image"]: {name for name, sure, *_ in row["objects"] if sure >= _SURE}
        for row in rows(options.data / "objects.jsonl")
        if row["collection"] == "strangers"
    }
    captioned = rows(options.data / "strangers" / "captions.jsonl")
    images = [row["image"] for row in captioned if row["set"] in _SETS and row["image"] in shown]
    with served(options.data, images[:_PHOTOS], options.pack) as engine:
        found = {
            language: asked(engine, shown, at, language) for at, language in enumerate(LANGUAGES)
        }
    count = _FIRST * sum(map(len, SCENES.values()))
    head = [f"of {count} photos show the thing", "the scene alone", "as words", "as it is read"]
    ordered = ("scene", "words", "read")
    table(head, [[code, *(f"{each[way]}" for way in ordered)] for code, each in found.items()])
    keep(f"exclusions_{options.pack}", {code: dict(each) for code, each in found.items()})


if __name__ == "__main__":
    main()
