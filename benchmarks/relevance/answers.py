"""The honest end of results: ``python -m benchmarks.relevance.answers --data DATA``.

``DATA`` holds ``flickr8k`` and ``everyday``, each a folder with ``captions.jsonl`` and ``images/``.
For every concept of ``concepts.toml`` the library is asked twice: with every photo of the concept
removed, when each ``likely`` is false, and as it is, when the first ten ``likely`` are compared
with the captions. ``--fit PACK`` fits the calibration of a pack before, on other photos.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common.captioned import Captioned, encoded
from benchmarks.common.concepts import Asked, asked
from benchmarks.common.report import RESULTS, keep, say, table
from benchmarks.relevance.curve import draw
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.search.relevance.probability import SAMPLE_SIZE, RelevanceProbability

if TYPE_CHECKING:
    from crispd.search.relevance.probability import ScoreBackground
    from crispd.types import Floats

LEAST = 5  # photos a concept has before its first ten are judged
_ENOUGH = 0.7  # of the first ten are right: what is asked for


@dataclass(frozen=True, slots=True)
class Scored:
    """A library asked once, best first: ``final`` is NaN beyond the shortlist. Scores as they are
    judged, with the gain of the text's language.
    """

    background: ScoreBackground
    coarse: Floats
    final: Floats
    right: Any


def ask(
    pack: Pack,
    judge: RelevanceProbability,
    photos: Captioned,
    query: Asked,
    *,
    without: bool,
    depth: int | None = None,
    gain: float = 1.0,
) -> Scored:
    """Coarse scores of all, final ones of the shortlist, as a search has them.

    ``depth``: so many photos are re-ranked instead. ``gain``: on top of that of the pack.
    """
    kept = np.flatnonzero(~query.right) if without else np.arange(len(photos.vectors))
    text = pack.text_encoder.encode(query.text, query.spoken)
    embedding = np.float32(gain * text.gain) * text.embedding
    coarse = photos.vectors[kept] @ embedding
    order = np.argsort(-coarse, kind="stable")
    coarse, kept = coarse[order], kept[order]
    final = np.full(len(kept), np.nan, np.float32)
    if pack.reranker is not None:
        short = kept[: depth or pack.reranker.short_list]
        fine = pack.reranker.score(text, [photos.tokens[at] for at in short])
        final[: len(short)] = fine + pack.reranker.coarse_weight * coarse[: len(short)]
    step = max(len(kept) // SAMPLE_SIZE, 1)
    sample = photos.vectors[np.sort(kept)[::step]]
    background = judge.background(embedding, sample, text.words, text.share)
    background = judge.beside_best(background, coarse, final)
    return Scored(background, coarse, final, query.right[kept])


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one query: values of all photos without the concept, and with it in order of value."""

    query: Asked
    without: Floats
    present: Floats
    right: Any


def outcomes(
    pack: Pack, judge: RelevanceProbability, photos: Captioned, queries: list[Asked], arm: str
) -> list[Outcome]:
    """``arm``: ``calibrated`` probabilities, or the ``raw`` coarse score."""

    def values(scored: Scored) -> Floats:
        if arm == "raw":
            return scored.coarse
        if arm == "raw final":
            # beyond the shortlist nothing is known that could be compared
            return np.nan_to_num(scored.final, nan=-np.inf)
        return judge.judge(scored.background, scored.coarse, scored.final)

    found = []
    for query in queries:
        without = values(ask(pack, judge, photos, query, without=True))
        scored = ask(pack, judge, photos, query, without=False)
        present = values(scored)
        order = np.argsort(-present, kind="stable")
        found.append(Outcome(query, without, present[order], scored.right[order]))
    return found


def figures(found: list[Outcome], cut: float) -> dict[str, float]:
    """At a cut: false hits of 1,000 photos, precision of the first ten, recall, and who has none.

    Precision and recall are means over concepts of at least ``LEAST`` photos; precision over those
    that have a hit at all.
    """
    false = [1000 * np.count_nonzero(item.without >= cut) / len(item.without) for item in found]
    right, recall = [], []
    for item in found:
        if np.count_nonzero(item.right) < LEAST:
            continue
        hits = item.right[: np.count_nonzero(item.present >= cut)]
        recall.append(hits.sum() / item.right.sum())
        if len(hits):
            right.append(hits[:10].mean())
    return {
        "cut": cut,
        "false": float(np.mean(false)),
        "false_worst": float(np.max(false)),
        "precision": float(np.mean(right)) if right else float("nan"),
        "recall": float(np.mean(recall)) if recall else float("nan"),
        "answered": len(right),
        "concepts": len(recall),
    }


def sweep(found: list[Outcome]) -> list[dict[str, float]]:
    """Figures at cuts that let 0.1 to 20 false hits of 1,000 through."""
    every = np.sort(np.concatenate([item.without for item in found]))[::-1]
    per = len(every) / 1000
    wanted = np.geomspace(0.1, 20, 40)
    cuts = [float(every[min(int(share * per), len(every) - 1)]) for share in wanted]
    return [figures(found, cut) for cut in dict.fromkeys(cuts)]


def at_false(found: list[Outcome], most: float) -> dict[str, float]:
    """Figures at the lowest cut with at most ``most`` false hits of 1,000."""
    cuts = np.unique(np.concatenate([np.sort(item.without)[-200:] for item in found]))
    low, high = 0, len(cuts) - 1
    while low < high:
        middle = (low + high) // 2
        if figures(found, float(np.nextafter(cuts[middle], np.inf)))["false"] <= most:
            high = middle
        else:
            low = middle + 1
    return figures(found, float(np.nextafter(cuts[low], np.inf)))


def _row(name: str, found: dict[str, float]) -> list[str]:
    return [
        name, f"{found['cut']:.3f}", f"{found['false']:.2f}", f"{found['false_worst']:.0f}",
        f"{100 * found['precision']:.0f} %", f"{100 * found['recall']:.0f} %",
        f"{found['answered']:.0f} of {found['concepts']:.0f}",
    ]  # fmt: skip


HEAD = ["what", "cut", "false of 1,000, mean", "worst", "first ten right", "found", "have a hit"]


def measure(pack: Pack, photos: Captioned) -> dict[str, Any]:
    """Print the table of a library; the curves."""
    assert pack.relevance is not None
    judge, model = RelevanceProbability(pack.relevance), pack.relevance
    queries = asked(photos)
    things = [query for query in queries if query.kind == "thing"]
    ours = outcomes(pack, judge, photos, things, "calibrated")
    raw = outcomes(pack, judge, photos, things, "raw")
    final = outcomes(pack, judge, photos, things, "raw final")
    unseen = [item for item in ours if not item.query.seen]
    shown = {
        "likely": figures(ours, model.likely),
        "likely, concepts the fit has not seen": figures(unseen, model.likely),
        "likely or maybe": figures(ours, model.maybe),
        "raw coarse score, cut at as many false": at_false(
            raw, figures(ours, model.likely)["false"]
        ),
        "raw final score, cut at as many false": at_false(
            final, figures(ours, model.likely)["false"]
        ),
    }
    for kind in ("together", "never"):
        chosen = [query for query in queries if query.kind == kind]
        shown[f"likely, {kind}"] = figures(
            outcomes(pack, judge, photos, chosen, "calibrated"), model.likely
        )
    say(f"{photos.name}: {len(photos.paths)} photos, {len(things)} concepts")
    table(HEAD, [_row(name, found) for name, found in shown.items()])
    return {"table": shown, "calibrated": sweep(ours), "raw": sweep(raw), "raw final": sweep(final)}


def main() -> None:
    """Fit where asked, measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    parser.add_argument("--small", action="store_true", help="libraries of 20 to 1,000 photos only")
    parser.add_argument("--fit", action="store_true", help="fit the pack's [relevance] before")
    options = parser.parse_args()
    folder = find_pack(options.pack)
    if options.fit:
        from benchmarks.relevance.fit import fit_pack

        fit_pack(folder, options.data, options.cache)
    pack = load_pack(folder, index_threads=2, search_threads=2, text_cache=4096)
    found = {}
    RESULTS.mkdir(exist_ok=True)
    for name, split in (("flickr8k", "test"), ("everyday", "dev")):
        photos = encoded(options.data / name, split, pack, options.cache)
        # the other half of everyday's dev photos helped to fit
        photos = photos if name == "flickr8k" else photos.part(1, 2)
        if options.small:
            from benchmarks.relevance import small

            things = [query for query in asked(photos) if query.kind == "thing"]
            table(small.HEAD, small.rows(pack, photos, things))
            table(small.SEVERAL_HEAD, small.several(pack, photos, things))
            continue
        found[photos.name] = measure(pack, photos)
        (RESULTS / f"relevance_{name}.svg").write_text(
            draw(found[photos.name], f"{pack.id}, {photos.name}: {len(photos.paths):,} photos")
        )
    if found:
        keep("relevance", found)


if __name__ == "__main__":
    main()
