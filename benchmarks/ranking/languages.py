"""German, French and Czech beside English: ``python -m benchmarks.ranking.languages --data DATA``.

The parallel sentences of Flickr8k's dev photos, and the class names of ``strangers``, each coarse
and by the cascade, as they are asked: names by somebody whose language is not told, and where
it is.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common.captioned import encode_files
from benchmarks.common.report import RESULTS, keep, say, table
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels

CODES = ("en", "de", "fr", "cs")
_NAMES = Path(__file__).parents[2] / "models" / "train" / "languages" / "class_names.tsv"
_RANKS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """``texts`` by language, each of the photo at ``owner`` among ``paths``."""

    paths: tuple[Path, ...]
    texts: Mapping[str, Sequence[str]]
    owner: Labels


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sentences(data: Path) -> Asked:
    """Parallel sentences among all dev photos of Flickr8k."""
    images = data / "flickr8k" / "images"
    rows = read_lines(data / "flickr8k" / "captions.jsonl")
    photos = [str(row["image"]) for row in rows if row["split"] == "dev"]
    place = {image: at for at, image in enumerate(photos)}
    rows = read_lines(data / "sentences" / "parallel.jsonl")
    rows = [row for row in rows if row["split"] == "dev"]
    texts = {code: [str(row[code]) for row in rows] for code in CODES}
    owner = np.array([place[str(row["image"])] for row in rows])
    return Asked(tuple(images / image for image in photos), texts, owner)


def names(data: Path) -> Asked:
    """Class names, translated by hand, each of one photo of a stranger."""
    folder = data / "strangers"
    rows = [row for row in read_lines(folder / "captions.jsonl") if row["set"] == "names"]
    english = read_classes(data / "imagenet" / "classes.tsv")
    lines = _NAMES.read_text(encoding="utf-8").splitlines()[1:]
    by_class = {int(index): others for index, *others in (line.split("\t") for line in lines)}
    asked: dict[str, list[str]] = {code: [] for code in CODES}
    for row in rows:
        name = str(row["captions"][0])
        others = by_class[english[name.lower()]]
        for code, text in zip(CODES, (name, *others), strict=True):
            asked[code].append(text.lower())
    images = tuple(folder / "images" / str(row["image"]) for row in rows)
    return Asked(images, asked, np.arange(len(rows)))


def read_classes(path: Path) -> dict[str, int]:
    """Classes by their names in lower case; of two with one name the first."""
    found: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        index, _, name = line.split("\t")[:3]
        if index.isdigit():
            found.setdefault(name.lower(), int(index))
    return found


def places(
    pack: Pack, vectors: Floats, tokens: Sequence[bytes], asked: Asked, code: str, spoken: str
) -> tuple[Labels, Labels, float]:
    """0-based places [n] of the photos, coarse and by the cascade, and the share of the texts
    that the tower for other languages reads.
    """
    assert pack.reranker is not None
    found, read = [], 0
    for text, own in zip(asked.texts[code], asked.owner, strict=True):
        read += pack.text_encoder.other_language(text, spoken) is not None
        encoded = pack.text_encoder.encode(text, spoken)
        coarse = vectors @ encoded.embedding
        order = np.argsort(-coarse, kind="stable")
        head = order[: pack.reranker.short_list]
        fine = pack.reranker.score(encoded, [tokens[at] for at in head])
        final = fine + pack.reranker.coarse_weight * coarse[head]
        ranked = np.concatenate([head[np.argsort(-final, kind="stable")], order[len(head) :]])
        found.append([int(np.flatnonzero(each == own)[0]) for each in (order, ranked)])
    coarse_places, cascade = np.array(found).T
    return coarse_places, cascade, read / len(found)


def recall(found: Labels) -> str:
    """R@1, 5, 10 in percent."""
    return " / ".join(f"{100 * np.mean(found < rank):.1f}" for rank in _RANKS)


def main() -> None:
    """Ask everything, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    parser.add_argument("--only", choices=("sentences", "names"))
    options = parser.parse_args()
    pack = load_pack(find_pack(options.pack), index_threads=1, search_threads=1)
    rows = []
    for what, read in (("names", names), ("sentences", sentences)):
        if options.only not in (None, what):
            continue
        asked = read(options.data)
        kept = options.cache / f"{pack.id}_languages_{what}.npz"
        vectors, tokens = encode_files(asked.paths, pack, kept)
        for code in CODES:
            # a sentence tells its language by itself
            for spoken in ("", code) if what == "names" and code != "en" else ("",):
                coarse, cascade, share = places(pack, vectors, tokens, asked, code, spoken)
                rows.append([what, code, spoken, recall(coarse), recall(cascade), f"{share:.0%}"])
                say(" ".join(rows[-1]))
    table(["asked", "language", "told", "coarse", "cascade", "read by the tower"], rows)
    keep(f"languages_{pack.name}", {"rows": rows})


if __name__ == "__main__":
    main()
