"""Fits a pack's ``[relevance]``: ``python -m benchmarks.relevance.answers --fit --data DATA``.

On Flickr8k's dev photos, every second of everyday's and those of strangers: words, phrases, whole
captions, class names and things that are not there, each asked with its photos and without them.
Maximum likelihood, six weights a stage and a seventh for the fine one, each set alike and each
question of it. Then the same with each set left out, and what that set gets: false ``likely`` of
1,000 photos, how many of a thing's photos are ``likely``, and how many answers are empty though the
photo is there.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.captioned import Captioned, encoded
from benchmarks.common.concepts import Asked, asked, words_in
from benchmarks.common.dev_questions import photos_of
from benchmarks.common.report import replacing, say, table
from benchmarks.relevance.answers import Scored, ask
from benchmarks.relevance.small import fitted
from crispd.packs.pack import load_pack
from crispd.search.relevance.isotonic import isotonic_decreasing
from crispd.search.relevance.probability import RelevanceProbability
from crispd.types import LogitWeights, RelevanceModel

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.pack import Pack
    from crispd.types import Floats

Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]
# ``likely`` begins at the lowest cut with at most so many false hits of 1,000 photos in every set,
# ``maybe`` at the highest with at most so many answers of 100 empty though the photo is there.
_FALSE_LIKELY, _EMPTY = 0.7, 4.0
_MAYBE_WORDS = 0.5
_CUTS = [float(cut) for cut in np.geomspace(0.01, 0.9, 91)]
_DIRECTIONS = 64
_PHOTOS = 100  # what the reference weighs: a library of as many is half its own background
_CAPTIONS = 200  # of each set
_ROUNDS = 30
_FIRST = 400  # photos of an answer that are fitted: beyond, nothing is ever right
_BACKGROUND = "background.npy"
HEAD = ["set", "false likely of 1,000", "of a thing's photos likely", "there, but empty", "asked"]


def fit_pack(folder: Path, data: Path, cache: Path) -> None:
    """Fit and write: ``[relevance]`` in ``pack.toml``. The background stays, as ``[question]`` is
    fitted over it; a pack without one gets it.
    """
    pack = load_pack(folder, index_threads=2, search_threads=2, text_cache=4096)
    sets = _sets(pack, data, cache)
    if pack.manifest.question is None:
        made = reference([sets["flickr8k"][0].vectors, sets["everyday"][0].vectors])
        with replacing(folder / _BACKGROUND) as path:
            np.save(path, made.astype(np.float16))
    vectors = np.load(folder / _BACKGROUND).astype(np.float32)
    nothing = LogitWeights(1, 0, 0, 0)
    blank = RelevanceModel(nothing, nothing, 0.5, 0.5, _PHOTOS, vectors, maybe_words=_MAYBE_WORDS)
    answers = {
        name: _answers(pack, RelevanceProbability(blank), *one) for name, one in sets.items()
    }
    model = _fit(blank, answers)
    rows = [_checked(f"{name}, fitted", model, answers[name]) for name in answers]
    for name in answers:
        others = {other: found for other, found in answers.items() if other != name}
        rows.append(_checked(f"{name}, left out", _fit(blank, others), answers[name]))
    table(HEAD, rows)
    photos, queries = sets["flickr8k"]
    things = [query for query in queries if query.kind == "thing"]
    _write(folder, fitted(pack, model, photos, things))


def _sets(pack: Pack, data: Path, cache: Path) -> dict[str, tuple[Captioned, list[Asked]]]:
    """Photos and what they are asked for."""
    flickr = encoded(data / "flickr8k", "dev", pack, cache)
    labels = encoded(data / "everyday", "dev", pack, cache).part(0, 2)
    found = {
        "flickr8k": (flickr, _queries(flickr)),
        "everyday": (labels, [query for query in asked(labels) if query.seen]),
    }
    if not (data / "strangers").is_dir():
        say("no strangers' photos: the fit knows photos of one kind only")
        return found
    names = _strangers(pack, data, cache, ("names", "dev"))
    captions = _strangers(pack, data, cache, ("coco", "dev"), ("plain", "distractor"))
    crowd = _strangers(pack, data, cache, ("names", "dev"), ("plain", "distractor"))
    return found | {
        "names": (names, _names(names)),
        "names in a crowd": (crowd, _names(crowd)[::2]),
        "strangers": (captions, _captions(captions)),
    }


def _strangers(pack: Pack, data: Path, cache: Path, *among: tuple[str, str]) -> Captioned:
    parts = [photos_of(pack, data, cache, ("strangers", *each)) for each in among]
    return Captioned(
        "strangers",
        (),
        tuple(texts for part in parts for texts in part[0]),
        np.concatenate([part[1] for part in parts]),
        tuple(each for part in parts for each in part[2]),
    )


def _names(photos: Captioned) -> list[Asked]:
    texts = np.array([" ".join(each) for each in photos.captions])
    return [Asked(text, "name", texts == text, seen=True) for text in dict.fromkeys(texts) if text]


def _captions(photos: Captioned) -> list[Asked]:
    """One caption of each photo that has some, of ``_CAPTIONS`` at most."""
    rng = np.random.default_rng(0)
    told = [at for at, texts in enumerate(photos.captions) if texts]
    found = []
    for at in rng.choice(told, min(_CAPTIONS, len(told)), replace=False).tolist():
        right = np.zeros(len(photos.captions), bool)
        right[at] = True
        texts = photos.captions[at]
        found.append(Asked(texts[at % len(texts)], "caption", right, seen=True))
    return found


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer: ``columns`` float64 [n, 7]: score, mean, spread, words, share,
    right, whether it was re-ranked. ``there``: how many of the library are right.
    """

    kind: str
    without: bool
    scored: Scored
    columns: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    photos: int
    there: int


def _answers(
    pack: Pack, judge: RelevanceProbability, photos: Captioned, queries: list[Asked]
) -> list[Answer]:
    found = []
    for number, query in enumerate(queries):
        for without in (False, True):
            if without and (query.kind in {"caption", "never", "word"} or not query.right.any()):
                continue
            scored = ask(pack, judge, photos, query, without=without)
            order = np.lexsort((-scored.coarse, -np.nan_to_num(scored.final, nan=-np.inf)))
            count, there = len(order), int(scored.right.sum())
            order = order[:_FIRST]
            scored = Scored(
                scored.background, scored.coarse[order], scored.final[order], scored.right[order]
            )
            reached, usual = np.isfinite(scored.final), scored.background
            score = np.where(reached, scored.final, scored.coarse)
            columns = np.broadcast_arrays(
                score, usual.mean, usual.spread, usual.words, usual.share, scored.right, reached
            )
            table_ = np.stack(columns, 1).astype(np.float64)
            found.append(Answer(query.kind, without, scored, table_, count, there))
        if number % 100 == 99:
            say(f"{photos.name}: {number + 1} of {len(queries)} asked")
    return found


def _fit(blank: RelevanceModel, answers: dict[str, list[Answer]]) -> RelevanceModel:
    rows, coarse = [], []
    for found in answers.values():
        for answer in found:
            rows.append((answer.columns, 1 / len(found)))
            again = answer.columns.copy()
            again[:, 0], again[:, 6] = answer.scored.coarse, 0
            coarse.append((again, 1 / len(found)))
    fine = logistic(*_joined([(part[part[:, 6] > 0], weight) for part, weight in rows]), steep=True)
    model = replace(blank, fine=fine, coarse=logistic(*_joined(coarse), steep=False))
    return _cut(model, answers)


def _joined(parts: list[tuple[Table, float]]) -> tuple[Table, np.ndarray]:
    weights = [np.full(len(part), weight) for part, weight in parts]
    return np.concatenate([part for part, _ in parts]), np.concatenate(weights)


@dataclass(frozen=True, slots=True)
class Judged:
    """Of one set: false ``likely`` of 1,000 an answer, shares of things' photos that are, and which
    answers are empty, each in hundredths.
    """

    false: list[float]
    likely: list[float]
    empty: list[float]


Chances = list[tuple[Answer, "np.ndarray[tuple[int], np.dtype[np.float64]]"]]


def _chances(model: RelevanceModel, answers: list[Answer]) -> Chances:
    judge = RelevanceProbability(model)
    return [
        (
            one,
            isotonic_decreasing(
                judge.judge(one.scored.background, one.scored.coarse, one.scored.final)
            ),
        )
        for one in answers
    ]


def _judged(model: RelevanceModel, chances: Chances) -> Judged:
    judge, found = RelevanceProbability(model), Judged([], [], [])
    for answer, values in chances:
        classes = judge.classes(values, answer.scored.background)
        if answer.without:
            found.false.append(1000 * np.count_nonzero(classes == 0) / answer.photos)
        elif answer.there:
            found.empty.append(100.0 * (classes == 2).all())
            if answer.kind in {"thing", "name"}:
                found.likely.append(100 * answer.scored.right[classes == 0].sum() / answer.there)
    return found


def _cut(model: RelevanceModel, answers: dict[str, list[Answer]]) -> RelevanceModel:
    """With ``likely`` and ``maybe``."""
    sets = [_chances(model, found) for found in answers.values()]

    def false(cut: float) -> float:
        cut_there = replace(model, likely=cut, maybe=cut)
        return max(np.mean(_judged(cut_there, one).false or [0]) for one in sets)

    def empty(cut: float) -> float:
        cut_there = replace(model, likely=0.99, maybe=cut)
        return max(np.mean(_judged(cut_there, one).empty) for one in sets)

    # both rise or fall with the cut alone
    at = bisect_left(_CUTS, True, key=lambda cut: false(cut) <= _FALSE_LIKELY)
    likely = _CUTS[min(at, len(_CUTS) - 1)]
    maybe = _CUTS[max(bisect_left(_CUTS, True, key=lambda cut: empty(cut) > _EMPTY) - 1, 0)]
    return replace(model, likely=likely, maybe=min(maybe, likely))


def _checked(name: str, model: RelevanceModel, answers: list[Answer]) -> list[str]:
    """A row of ``HEAD``; intervals of 95 % by drawing questions again."""
    found = _judged(model, _chances(model, answers))
    return [name, *map(_interval, (found.false, found.likely, found.empty)), str(len(answers))]


def _interval(values: list[float]) -> str:
    if not values:
        return "-"
    found = np.array(values)
    draws = np.random.default_rng(0).integers(0, len(found), (2000, len(found)))
    low, high = np.percentile(found[draws].mean(1), [2.5, 97.5])
    return f"{found.mean():.2f} ({low:.2f} to {high:.2f})"


def reference(parts: list[Floats]) -> Floats:
    """Mean and principal directions float32 [1 + R, dim]; each set of photos counts alike."""
    mean = np.mean([part.mean(0) for part in parts], 0)
    moment = np.mean([(part - mean).T @ (part - mean) / len(part) for part in parts], 0)
    values, directions = np.linalg.eigh(moment)
    strongest = np.argsort(-values)[:_DIRECTIONS]
    spread = np.sqrt(np.maximum(values[strongest], 0))
    return np.vstack([mean, spread[:, None] * directions[:, strongest].T]).astype(np.float32)


def _queries(photos: Captioned) -> list[Asked]:
    listed = asked(photos)
    unseen = [query.text for query in listed if not query.seen]
    words = words_in(photos, unseen, 6, 200)
    return [*(query for query in listed if query.seen), *_captions(photos), *words[::4]]


def logistic(rows: Table, weight: np.ndarray, *, steep: bool) -> LogitWeights:
    """Weights by Newton's steps over standardised columns, with a ridge of 1e-3."""
    raw, right, weight = rows[:, :5], rows[:, 5], weight / weight.mean()
    if steep:
        raw = np.column_stack([raw, raw[:, 0] * raw[:, 4]])
    centre, spread = raw.mean(0), raw.std(0) + 1e-9
    columns = np.column_stack([(raw - centre) / spread, np.ones(len(raw))])
    count = raw.shape[1]
    beta, ridge = np.array([*[0.0] * count, -3]), np.diag([*[1e-3] * count, 0])
    for _round in range(_ROUNDS):
        p = 0.5 * (1 + np.tanh(0.5 * (columns @ beta)))
        slope = columns.T @ (weight * (right - p)) / len(raw) - ridge @ beta
        curve = (columns.T * (weight * p * (1 - p))) @ columns / len(raw) + ridge
        beta = beta + np.clip(np.linalg.solve(curve, slope), -2, 2)
    plain = beta[:count] / spread
    score, mean, wide, words, share, *more = plain.tolist()
    return LogitWeights(score, mean, wide, float(beta[count] - plain @ centre), words, share, *more)


def _write(folder: Path, model: RelevanceModel) -> None:
    manifest = folder / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    gain = re.search(r"(?m)^languages_gain = .*\n", text)  # fitted by itself, over this
    text = re.sub(r"\[relevance\]\n(?:[^\[\n].*\n|\n)*", "", text)
    text = re.sub(rf'\[\[files\]\]\npath = "{_BACKGROUND}"\n.*\n.*\n+', "", text)
    part = (
        f'[relevance]\nbackground = "{_BACKGROUND}"\nphotos = {_PHOTOS}\n'
        f"fine = {_listed(model.fine)}\ncoarse = {_listed(model.coarse)}\n"
        f"likely = {model.likely:.4f}\nmaybe = {model.maybe:.4f}\n"
        f"maybe_words = {model.maybe_words:.4f}\n{gain[0] if gain else ''}"
        f"library = {model.library}\nsmall = {model.small:.4f}\n\n"
    )
    start, files = text.split("[[files]]", 1)
    data = (folder / _BACKGROUND).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    entry = f'[[files]]\npath = "{_BACKGROUND}"\nbytes = {len(data)}\nsha256 = "{digest}"\n\n'
    with replacing(manifest) as path:
        path.write_text(f"{start}{part}{entry}[[files]]{files}", encoding="utf-8")


def _listed(weights: LogitWeights) -> str:
    values = (weights.score, weights.mean, weights.spread, weights.offset, weights.words)
    values = (*values, weights.share, weights.steep)
    return "[" + ", ".join(f"{value:.4f}" for value in values) + "]"
