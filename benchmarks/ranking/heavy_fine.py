"""Quality against photos encoded heavily: ``python -m benchmarks.ranking.heavy_fine --data DATA
--light PACK --heavy PACK``.

As in J. Hönig et al., Bi-Encoder Cascades for Efficient Image Search (arXiv 2303.15595): a light
pack finds a shortlist and re-ranks it, a heavier one re-ranks those of it that it has seen. Three
ways to see photos: any share of them by chance, the first of each shortlist, and those that came up
in shortlists of other questions. Sentences of people over photos of strangers, as they are blended
by the service (``crispd/search/blend.py``).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.dev_questions import photos_of
from benchmarks.common.report import RESULTS, keep, say, table
from crispd.packs.fine.dual_fine import DualFineModel
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.search.blend import blended
from crispd.types import EncodedPhoto

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.packs.pack import Pack

AMONG = (("strangers", "coco", "dev"), ("strangers", "plain", "distractor"))
SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
FIRST = (0, 4, 6, 10, 20, 30, 50)
OWN = 20  # photos that the light pack's own fine stage re-ranks
RANKS = (1, 5, 10)


@dataclass(frozen=True)
class Encoded:
    """Photos as a pack has them."""

    pack: Pack
    captions: list[tuple[str, ...]]
    photos: list[EncodedPhoto]

    def scores(self, text: str, labels: list[int]) -> list[float]:
        score = DualFineModel(self.pack).scorer(text)
        return score([self.photos[label] for label in labels]).tolist()


@dataclass(frozen=True)
class Asked:
    """A question: the label of its photo, its shortlist with scores of both packs by label."""

    right: int
    light: dict[int, float]
    heavy: dict[int, float]

    def place(self, seen: Callable[[int, int], bool]) -> int:
        """Of the right photo; ``seen``: of a label and its place in the shortlist."""
        some = {
            label: score for at, (label, score) in enumerate(self.heavy.items()) if seen(label, at)
        }
        found = blended(self.light, some)
        if found is None:
            first = list(self.light)[:OWN]
            rest = list(self.light)[OWN:]
            order = sorted(first, key=lambda label: -self.light[label]) + rest
        else:
            order = sorted(found, key=lambda label: -found[label])
        return order.index(self.right) if self.right in self.light else len(order)


def encoded(name: str, data: Path, cache: Path) -> Encoded:
    """Strangers' photos and the distractors."""
    pack = load_pack(find_pack(name), index_threads=1, search_threads=1, text_cache=5000)
    parts = [photos_of(pack, data, cache, among) for among in AMONG]
    photos = [
        EncodedPhoto(vector, tokens)
        for part in parts
        for vector, tokens in zip(part[1], part[2], strict=True)
    ]
    return Encoded(pack, parts[0][0], photos)


def ask(light: Encoded, heavy: Encoded, length: int) -> list[Asked]:
    """All sentences."""
    vectors = np.stack([photo.embedding for photo in light.photos])
    found = []
    for right, captions in enumerate(light.captions):
        for text in captions:
            near = vectors @ light.pack.text_encoder.encode(text).embedding
            head = np.argsort(-near, kind="stable")[:length].tolist()
            by_light = dict(zip(head, light.scores(text, head), strict=True))
            by_heavy = dict(zip(head, heavy.scores(text, head), strict=True))
            found.append(Asked(right, by_light, by_heavy))
    return found


def _in(some: set[int], label: int, _at: int) -> bool:
    return label in some


def _first(count: int, _label: int, at: int) -> bool:
    return at < count


def recalls(asked: list[Asked], seen: Callable[[int, int], bool]) -> list[str]:
    places = np.array([one.place(seen) for one in asked])
    return [f"{100 * np.mean(places < rank):.1f}" for rank in RANKS]


def by_chance(asked: list[Asked], photos: int) -> list[list[str]]:
    rows = []
    for share in SHARES:
        lot = np.random.default_rng(0).random(photos) < share
        rows.append(
            [
                "by chance",
                f"{100 * share:.0f} %",
                *recalls(asked, partial(_in, set(np.flatnonzero(lot).tolist()))),
            ]
        )
    return rows


def of_others(asked: list[Asked], photos: int) -> list[list[str]]:
    """Half of the questions bring photos up, the other half is measured."""
    lot = np.random.default_rng(1).permutation(len(asked))
    bring, measured = lot[::2], [asked[at] for at in lot[1::2]]
    rows = []
    for share in (0.0, 0.05, 0.1, 0.25, 0.5, 1.0):
        up = {label for at in bring[: int(share * len(bring))] for label in asked[at].light}
        name = f"{100 * len(up) / photos:.0f} %"
        rows.append(["came up before", name, *recalls(measured, partial(_in, up))])
    return rows


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--light", required=True, help="a pack, by name or folder")
    parser.add_argument("--heavy", default="mini")
    parser.add_argument("--length", type=int, nargs="+", default=[20, 50])
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    options = parser.parse_args()
    light = encoded(options.light, options.data, options.cache)
    heavy = encoded(options.heavy, options.data, options.cache)
    photos, rows = len(light.photos), []
    for length in options.length:
        asked = ask(light, heavy, length)
        say(f"{len(asked)} questions, {photos} photos, shortlists of {length}")
        rows += [[length, *row] for row in (*by_chance(asked, photos), *of_others(asked, photos))]
        rows += [
            [length, "first of each list", first, *recalls(asked, partial(_first, first))]
            for first in FIRST
            if first <= length
        ]
    head = ["K", "heavily encoded", "how many", *(f"R@{rank}" for rank in RANKS)]
    table(head, rows)
    keep("heavy_fine", {"light": light.pack.id, "heavy": heavy.pack.id, "rows": rows})


if __name__ == "__main__":
    main()
