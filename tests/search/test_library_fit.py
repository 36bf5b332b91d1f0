"""Relevance from the library itself: the same for scores of any height and width."""

from __future__ import annotations

import numpy as np
import pytest

from crispd.search.relevance.library_fit import LibraryFit, fitted, model_source
from crispd.search.relevance.probability import LibrarySample, RelevanceProbability
from crispd.types import Floats, Labels

DIM, THINGS, PHOTOS = 96, 64, 10
RNG = np.random.default_rng(3)
# the first two dimensions are of what all photos, and all texts, have in common
DIRECTIONS = np.pad(np.linalg.qr(RNG.standard_normal((DIM - 2,) * 2))[0][:THINGS], ((0, 0), (2, 0)))


def unit(vectors: np.ndarray) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def photos(strength: float, cone: float) -> Floats:
    """``PHOTOS`` of each thing, with noise; ``cone``: how much all have in common."""
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((THINGS * PHOTOS, DIM)) / np.sqrt(DIM)
    made = strength * DIRECTIONS.repeat(PHOTOS, 0) + noise
    made[:, :2] = cone, 0
    return unit(made)


def texts(strength: float, cone: float) -> Floats:
    noise = np.random.default_rng(6).standard_normal((THINGS, DIM)) / np.sqrt(DIM)
    made = strength * DIRECTIONS + 0.5 * noise
    made[:, :2] = 0.1, cone
    return unit(made)


# a model with scores of wide range, and two whose texts and photos are far from each other
ENCODERS = {"wide": (1.5, 0.0), "narrow": (1.5, 1.5), "narrower": (1.5, 3.0)}


@pytest.mark.parametrize("name", ENCODERS)
def test_what_is_there_is_likelier_than_what_is_not(name: str) -> None:
    shown, asked = photos(*ENCODERS[name]), texts(*ENCODERS[name])
    model = fitted(asked, shown)
    assert model is not None
    judge = RelevanceProbability(model)
    there, gone = [], []
    for thing in range(THINGS):
        of_it = np.arange(len(shown)) // PHOTOS == thing
        for kept, found in ((shown, there), (shown[~of_it], gone)):
            background = judge.background(asked[thing], kept)
            scores = kept @ asked[thing]
            chances = judge.judge(background, scores, np.full(len(kept), np.nan, np.float32))
            found.append(np.sort(judge.classes(chances, background))[:PHOTOS])
    assert np.mean(np.array(there) == 0) > 0.5  # likely
    assert np.mean(np.array(gone) == 0) < 0.01


def test_height_and_width_of_scores_change_nothing() -> None:
    shown, asked = photos(1.5, 0), texts(1.5, 0)
    model = fitted(asked, shown)
    # 0.2 higher and five times narrower, as a longer vector with something in common has it
    moved_photos = np.hstack([shown, np.ones((len(shown), 1))]).astype(np.float32)
    moved_texts = np.hstack([asked / 5, np.full((len(asked), 1), 0.2)]).astype(np.float32)
    moved = fitted(moved_texts, moved_photos)
    assert model is not None
    assert moved is not None
    chances = []
    for judge, query, kept in (
        (RelevanceProbability(model), asked[3], shown),
        (RelevanceProbability(moved), moved_texts[3], moved_photos),
    ):
        scores = kept @ query
        nothing = np.full(len(kept), np.nan, np.float32)
        chances.append(judge.judge(judge.background(query, kept), scores, nothing))
    assert chances[0] == pytest.approx(chances[1], abs=1e-3)


class Index:
    """Photos that come."""

    def __init__(self) -> None:
        self.made: Floats = np.empty((0, DIM), np.float32)

    def labels(self) -> Labels:
        return np.arange(len(self.made))

    def vectors_of(self, labels: Labels) -> Floats:
        return self.made[labels]

    def __len__(self) -> int:
        return len(self.made)


def test_it_follows_the_library_and_is_kept_as_long_as_that_stays() -> None:
    index = Index()
    fit = LibraryFit(texts(1.5, 0), LibrarySample(index))
    assert fit.model() is None
    index.made = photos(1.5, 0)[::PHOTOS]
    first = fit.model()
    assert first is fit.model()
    index.made = photos(1.5, 3)
    assert fit.model() is not first


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_handful_of_photos(count: int) -> None:
    model = fitted(texts(1.5, 0), photos(1.5, 0)[:count])
    assert model is not None
    judge = RelevanceProbability(model)
    background = judge.background(texts(1.5, 0)[0], photos(1.5, 0)[:count])
    chances = judge.judge(background, np.zeros(count, np.float32), np.zeros(count, np.float32))
    assert np.isfinite(chances).all()


def test_photos_that_are_gone_and_neither_of_both() -> None:
    assert fitted(texts(1.5, 0), np.full((3, DIM), np.nan, np.float32)) is None
    assert model_source(None, None, LibrarySample(Index())) is None
