"""Fits a pack's ``[relevance]``: ``python -m benchmarks.relevance --fit --data DATA``.

On Flickr8k's dev photos and every second of everyday's: words, phrases, whole captions and things
that are not there, each asked with its photos and without them. Maximum likelihood, five weights a
stage. Thresholds: the lowest with so many false hits of 1,000 dev photos.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.captioned import Captioned, encoded
from benchmarks.concepts import Asked, asked, words_in
from benchmarks.relevance import ask, at_false, outcomes
from benchmarks.relevance_small import fitted
from benchmarks.report import say
from crispd.packs.pack import load_pack
from crispd.search.relevance import Relevance
from crispd.types import LogitWeights, RelevanceModel

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.pack import Pack
    from crispd.types import Floats

_FALSE_LIKELY, _FALSE_MAYBE = 0.7, 5.0
_DIRECTIONS = 64
_PHOTOS = 100  # what the reference weighs: a library of as many is half its own background
_CAPTIONS = 200
_ROUNDS = 30
# Photos whose final scores are fitted: more than a search re-ranks, so that the weights are not
# those of a handful that were chosen for their scores.
_DEPTH = 100
_BACKGROUND = "background.npy"


def fit_pack(folder: Path, data: Path, cache: Path) -> None:
    """Fit and write: ``[relevance]`` and its checksum in ``pack.toml``, and the background."""
    pack = load_pack(folder, index_threads=2, search_threads=2, text_cache=4096)
    sentences = encoded(data / "flickr8k", "dev", pack, cache)
    labels = encoded(data / "everyday", "dev", pack, cache).part(0, 2)
    np.save(folder / _BACKGROUND, reference([sentences.vectors, labels.vectors]).astype(np.float16))
    vectors = np.load(folder / _BACKGROUND).astype(np.float32)
    nothing = LogitWeights(1, 0, 0, 0)
    blank = RelevanceModel(nothing, nothing, 0.5, 0.5, _PHOTOS, vectors)
    rows = [
        _rows(pack, Relevance(blank), photos, _queries(photos)) for photos in (sentences, labels)
    ]
    fine = logistic(np.concatenate([row.fine for row in rows]))
    coarse = logistic(np.concatenate([row.coarse for row in rows]))
    model = RelevanceModel(fine, coarse, 0.5, 0.5, _PHOTOS, vectors)
    likely, maybe = _cuts(pack, Relevance(model), [sentences, labels])
    model = replace(model, likely=likely, maybe=maybe)
    things = [query for query in asked(sentences) if query.kind == "thing" and query.seen]
    _write(folder, fitted(pack, model, sentences, things))


def _cuts(pack: Pack, judge: Relevance, sets: list[Captioned]) -> tuple[float, float]:
    """The lowest that hold the bounds for things and for phrases, in each set of photos."""
    cuts = []
    for photos in sets:
        for kind in ("thing", "together"):
            chosen = [query for query in asked(photos) if query.kind == kind and query.seen]
            found = outcomes(pack, judge, photos, chosen, "calibrated")
            pair = [at_false(found, most) for most in (_FALSE_LIKELY, _FALSE_MAYBE)]
            say(f"{photos.name}, {kind}: likely {pair[0]}\nmaybe {pair[1]}")
            cuts.append([part["cut"] for part in pair])
    likely, maybe = np.max(cuts, 0).tolist()
    return likely, maybe


def reference(parts: list[Floats]) -> Floats:
    """Mean and principal directions float32 [1 + R, dim]; each set of photos counts alike."""
    mean = np.mean([part.mean(0) for part in parts], 0)
    moment = np.mean([(part - mean).T @ (part - mean) / len(part) for part in parts], 0)
    values, directions = np.linalg.eigh(moment)
    strongest = np.argsort(-values)[:_DIRECTIONS]
    spread = np.sqrt(np.maximum(values[strongest], 0))
    return np.vstack([mean, spread[:, None] * directions[:, strongest].T]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Rows:
    """float64 [n, 6]: score, mean, spread, words, right, weight."""

    fine: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    coarse: np.ndarray[tuple[int, int], np.dtype[np.float64]]


def _queries(photos: Captioned) -> list[Asked]:
    listed = asked(photos)
    found = [query for query in listed if query.seen]
    if photos.name.startswith("everyday"):
        return found
    unseen = [query.text for query in listed if not query.seen]
    rng = np.random.default_rng(0)
    count = len(photos.paths)
    for at in rng.choice(count, min(_CAPTIONS, count), replace=False).tolist():
        right = np.zeros(len(photos.paths), bool)
        right[at] = True
        texts = photos.captions[at]
        found.append(Asked(texts[at % len(texts)], "caption", right, seen=True))
    return found + words_in(photos, unseen, 6, 200)


def _rows(pack: Pack, judge: Relevance, photos: Captioned, queries: list[Asked]) -> Rows:
    fine, coarse = [], []
    for number, query in enumerate(queries):
        weight = 0.5 if query.kind in {"word", "caption"} else 1.0
        for without in (False, True):
            if without and query.kind in {"caption", "never"}:
                continue  # the same question again
            scored = ask(pack, judge, photos, query, without=without, depth=_DEPTH)
            background = scored.background
            reached = np.isfinite(scored.final)
            for rows, scores, right in (
                (fine, scored.final[reached], scored.right[reached]),
                (coarse, scored.coarse, scored.right),
            ):
                columns = np.broadcast_arrays(
                    scores, background.mean, background.spread, background.words, right, weight
                )
                rows.append(np.stack(columns, 1).astype(np.float64))
        if number % 100 == 99:
            say(f"{photos.name}: {number + 1} of {len(queries)} asked")
    return Rows(np.concatenate(fine), np.concatenate(coarse))


def logistic(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> LogitWeights:
    """Weights by Newton's steps over standardised columns, with a ridge of 1e-3."""
    raw, right, weight = rows[:, :4], rows[:, 4], rows[:, 5] / rows[:, 5].mean()
    centre, spread = raw.mean(0), raw.std(0) + 1e-9
    columns = np.column_stack([(raw - centre) / spread, np.ones(len(raw))])
    beta, ridge = np.array([0.0, 0, 0, 0, -3]), np.diag([*[1e-3] * 4, 0])
    for _round in range(_ROUNDS):
        p = 1 / (1 + np.exp(-(columns @ beta)))
        slope = columns.T @ (weight * (right - p)) / len(raw) - ridge @ beta
        curve = (columns.T * (weight * p * (1 - p))) @ columns / len(raw) + ridge
        beta = beta + np.clip(np.linalg.solve(curve, slope), -2, 2)
    plain = beta[:4] / spread
    score, mean, wide, words = plain.tolist()
    return LogitWeights(score, mean, wide, float(beta[4] - plain @ centre), words)


def _write(folder: Path, model: RelevanceModel) -> None:
    manifest = folder / "pack.toml"
    text = re.sub(r"\[relevance\]\n(?:[^\[\n].*\n|\n)*", "", manifest.read_text(encoding="utf-8"))
    text = re.sub(rf'\[\[files\]\]\npath = "{_BACKGROUND}"\n.*\n.*\n+', "", text)
    part = (
        f'[relevance]\nbackground = "{_BACKGROUND}"\nphotos = {_PHOTOS}\n'
        f"fine = {_listed(model.fine)}\ncoarse = {_listed(model.coarse)}\n"
        f"likely = {model.likely:.4f}\nmaybe = {model.maybe:.4f}\n"
        f"library = {model.library}\nsmall = {model.small:.4f}\n\n"
    )
    start, files = text.split("[[files]]", 1)
    data = (folder / _BACKGROUND).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    entry = f'[[files]]\npath = "{_BACKGROUND}"\nbytes = {len(data)}\nsha256 = "{digest}"\n\n'
    manifest.write_text(f"{start}{part}{entry}[[files]]{files}", encoding="utf-8")


def _listed(weights: LogitWeights) -> str:
    values = (weights.score, weights.mean, weights.spread, weights.offset, weights.words)
    return "[" + ", ".join(f"{value:.4f}" for value in values) + "]"
