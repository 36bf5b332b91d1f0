"""Relevance in German, French and Czech: ``python -m benchmarks.relevance.languages --data DATA``.

The things and names that English is asked for, in each language: how many of 1,000 photos are
called ``likely`` where none shows the thing, and how many of those that do are. Then sentences
about Flickr8k's dev photos: how many answers end before their photo, and how long they are.
``--fit`` writes the ``languages_gain`` of ``[relevance]``: the highest with no more false ones than
English has, the mean over languages and the sets that are fitted on.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.captioned import Captioned, encoded
from benchmarks.common.concepts import Asked, asked, translated
from benchmarks.common.dev_questions import photos_of
from benchmarks.common.report import RESULTS, keep, replacing, say, table
from benchmarks.ranking.languages import names, sentences
from benchmarks.relevance.answers import ask
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.search.relevance.probability import RelevanceProbability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.packs.pack import Pack

LANGUAGES = ("en", "de", "fr", "cs")
_UNLIKELY = 2  # class of what an answer leaves out
_GAINS = [round(float(gain), 2) for gain in np.arange(1, 1.31, 0.01)]
SENTENCES_HEAD = ["language", "answers that end before the photo", "photos shown", "asked"]
HEAD = ["set", "language", "false likely of 1,000", "of a thing's photos likely", "asked"]


@dataclass(frozen=True, slots=True)
class Set:
    """Photos, and what is asked of them by language. ``fitted``: the gain is fitted on it."""

    photos: Captioned
    queries: dict[str, list[Asked]]
    fitted: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over questions: false ``likely`` of 1,000, and the share of right photos that are."""

    false: float
    right: float
    asked: int


def sets_of(pack: Pack, data: Path, cache: Path) -> dict[str, Set]:
    """Half of the sets are fitted on, the other half is reported."""
    everyday = encoded(data / "everyday", "dev", pack, cache)
    found = {
        "flickr8k dev": (encoded(data / "flickr8k", "dev", pack, cache), True),
        "everyday, even": (everyday.part(0, 2), True),
        "flickr8k test": (encoded(data / "flickr8k", "test", pack, cache), False),
        "everyday, odd": (everyday.part(1, 2), False),
    }
    sets = {
        name: Set(
            photos,
            {
                code: translated(asked(photos), code) if code != "en" else _in_english(photos)
                for code in LANGUAGES
            },
            fitted,
        )
        for name, (photos, fitted) in found.items()
    }
    every = _names(pack, data, cache)
    for part in (0, 1):
        queries = {code: listed[part::2] for code, listed in every.queries.items()}
        name = f"names in a crowd, {'odd' if part else 'even'}"
        sets[name] = Set(every.photos, queries, not part)
    return sets


def _in_english(photos: Captioned) -> list[Asked]:
    """What has a translation."""
    queries = asked(photos)
    count = len(translated(queries, "de"))
    return [query for query in queries if query.kind != "together"][:count]


def _names(pack: Pack, data: Path, cache: Path) -> Set:
    """Class names, translated by hand, among strangers' photos of anything."""
    parts = [
        photos_of(pack, data, cache, ("strangers", *each))
        for each in (("names", "dev"), ("plain", "distractor"))
    ]
    captions = tuple(texts for part in parts for texts in part[0])
    photos = Captioned(
        "names", (), captions, np.concatenate([part[1] for part in parts]),
        tuple(each for part in parts for each in part[2]),
    )  # fmt: skip
    called = names(data)
    place = {" ".join(texts).lower(): at for at, texts in enumerate(captions) if texts}
    numbers = np.arange(len(captions))
    queries = {
        code: [
            Asked(text, "name", numbers == place[english], True, "" if code == "en" else code)
            for text, english in zip(called.texts[code], called.texts["en"], strict=True)
        ]
        for code in LANGUAGES
    }
    return Set(photos, queries, fitted=False)


def figures(pack: Pack, photos: Captioned, queries: Sequence[Asked], gain: float) -> Figures:
    """Of one language. ``gain``: on top of the pack's own."""
    assert pack.relevance is not None
    judge = RelevanceProbability(replace(pack.relevance, small=0.0))
    false, right = [], []
    for query in queries:
        for without in (False, True) if query.right.any() else (True,):
            scored = ask(pack, judge, photos, query, without=without, gain=gain)
            found = judge.judge(scored.background, scored.coarse, scored.final)
            likely = found >= pack.relevance.likely
            if without:
                false.append(1000 * float(likely.mean()))
            else:
                right.append(float(likely[scored.right].mean()))
    return Figures(float(np.mean(false)), float(np.mean(right)), len(queries))


def ends(pack: Pack, photos: Captioned, queries: Sequence[Asked]) -> tuple[float, float]:
    """The share of answers that end before the photo, and how many photos one shows."""
    assert pack.relevance is not None
    judge = RelevanceProbability(pack.relevance)
    lost, shown = 0, 0
    for query in queries:
        scored = ask(pack, judge, photos, query, without=False)
        found = judge.judge(scored.background, scored.coarse, scored.final)
        kept = judge.classes(found, scored.background) < _UNLIKELY
        lost += not kept[scored.right].any()
        shown += int(np.count_nonzero(kept))
    return lost / len(queries), shown / len(queries)


def _sentences(photos: Captioned, data: Path) -> dict[str, list[Asked]]:
    """Every second one of the parallel sentences, by language."""
    told = sentences(data)
    place = {path.name: at for at, path in enumerate(photos.paths)}
    at = [place[told.paths[owner].name] for owner in told.owner.tolist()]
    numbers = np.arange(len(photos.paths))
    return {
        code: [
            Asked(text, "caption", numbers == owner, True, "" if code == "en" else code)
            for text, owner in zip(told.texts[code][::2], at[::2], strict=True)
        ]
        for code in LANGUAGES
    }


def fitted_gain(pack: Pack, sets: dict[str, Set]) -> float:
    """The highest of the grid with as few false ones as English has."""
    chosen = [each for each in sets.values() if each.fitted]
    most = np.mean([figures(pack, each.photos, each.queries["en"], 1.0).false for each in chosen])
    best = _GAINS[0]
    for gain in _GAINS:
        false = np.mean([
            figures(pack, each.photos, each.queries[code], gain).false
            for each in chosen for code in LANGUAGES[1:]
        ])  # fmt: skip
        say(f"gain {gain}: {false:.3f} false of 1,000; English {most:.3f}")
        if false > most:
            break
        best = gain
    return best


def main() -> None:
    """Fit where asked, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    parser.add_argument("--fit", action="store_true", help="fit and write the pack's gain before")
    options = parser.parse_args()
    folder = find_pack(options.pack)
    pack = load_pack(folder, index_threads=2, search_threads=2, text_cache=4096)
    sets = sets_of(pack, options.data, options.cache)
    if options.fit:
        own = pack.manifest.relevance
        assert own is not None
        write_gain(folder, round(own.languages_gain * fitted_gain(pack, sets), 4))
        pack = load_pack(folder, index_threads=2, search_threads=2, text_cache=4096)
    rows, kept = [], {}
    for name, each in sets.items():
        for code in LANGUAGES:
            found = figures(pack, each.photos, each.queries[code], 1.0)
            label = f"{name}, fitted" if each.fitted else name
            rows.append([label, code, f"{found.false:.2f}", f"{found.right:.1%}", f"{found.asked}"])
            kept[f"{name}, {code}"] = [found.false, found.right]
    table(HEAD, rows)
    photos, rows = sets["flickr8k dev"].photos, []
    for code, asked_ in _sentences(photos, options.data).items():
        lost, shown = ends(pack, photos, asked_)
        rows.append([code, f"{lost:.1%}", f"{shown:.0f}", f"{len(asked_)}"])
        kept[f"sentences, {code}"] = [lost, shown]
    table(SENTENCES_HEAD, rows)
    keep(f"relevance_languages_{options.pack}", kept)


def write_gain(folder: Path, gain: float) -> None:
    """Put it into ``[relevance]`` of a pack."""
    text = (folder / "pack.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^languages_gain = .*\n", "", text)
    text = re.sub(r"(?m)^(maybe_words = .*\n)", rf"\1languages_gain = {gain}\n", text, count=1)
    with replacing(folder / "pack.toml") as path:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
