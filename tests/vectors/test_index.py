"""Neighbours."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from crispd.vectors.index import VectorIndex, best
from crispd.vectors.synchronise import synchronise
from tests.properties import examples

DIM = 16


def unit(count: int, dim: int = DIM, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit(60)


def filled(count: int, dim: int) -> tuple[VectorIndex, np.ndarray]:
    index, vectors = VectorIndex(dim), unit(count, dim)
    index.add(np.arange(count), vectors)
    return index, vectors


def test_an_empty_index_has_no_neighbours() -> None:
    found = VectorIndex(DIM).search(VECTORS[0], 10)
    assert len(found.labels) == 0


def recall(vectors: np.ndarray, queries: np.ndarray, k: int) -> float:
    """Of the right ones among the first ``k``; their scores have to be right."""
    index = VectorIndex(vectors.shape[1])
    index.add(np.arange(len(vectors)), vectors)
    hits = 0
    for query in queries:
        scores, found = vectors @ query, index.search(query, k)
        assert found.exact
        assert (np.diff(found.scores) <= 0).all()
        np.testing.assert_allclose(found.scores, np.sort(scores)[::-1][:k], atol=1e-4)
        hits += len(np.intersect1d(found.labels, np.argsort(-scores)[:k]))
    return hits / (k * len(queries))


def test_everything_near_is_found() -> None:
    assert recall(unit(4000, 384), unit(50, 384, seed=1), 52) >= 0.998


def test_dimensions_that_outweigh_all_others_spoil_nothing() -> None:
    """Slack dimensions do: what is left for the others is a few steps of a coarse number."""
    vectors, queries = unit(4000, 64), unit(50, 64, seed=1)
    vectors[:, 0] += 3
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert recall(vectors, queries, 52) >= 0.99


def test_vectors_that_nearly_agree_are_told_apart() -> None:
    around = unit(1, 384)
    vectors = around + 0.3 * unit(3000, 384, seed=2)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    assert recall(vectors, around, 52) >= 0.98


def test_ties_are_settled_by_label() -> None:
    found = best(np.array([9, 3, 5, 1]), np.array([1, 1, 1, 0], np.float32), 2)
    assert found.labels.tolist() == [3, 5]


def test_searches_beside_a_writer() -> None:
    index, vectors = filled(300, DIM)
    stop, failures = threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            found = index.search(vectors[0], 20)
            if len(found.labels) != 20 or not np.isfinite(found.scores).all():
                failures.append(found)

    readers = [threading.Thread(target=search) for _ in range(3)]
    for reader in readers:
        reader.start()
    more = unit(2000, seed=5)
    for start in range(0, 2000, 50):
        index.add(np.arange(1000 + start, 1050 + start), more[start : start + 50])
        index.remove(np.arange(1000 + start, 1025 + start))
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(index) == 300 + 1000


class Source:
    """What SQLite would say."""

    def __init__(self, live: list[int]) -> None:
        self.live = live

    def live_labels(self, pack: str) -> np.ndarray:
        return np.array(self.live, dtype=np.int64)

    def vectors(self, pack: str, labels: np.ndarray):
        if len(labels):
            yield labels, VECTORS[labels]


def test_synchronise_makes_the_index_equal_to_its_source() -> None:
    index = VectorIndex(DIM)
    index.add(np.arange(10), VECTORS[:10])
    assert synchronise(index, Source([2, 3, 20, 21]), "p") == (2, 8)
    assert index.labels().tolist() == [2, 3, 20, 21]
    assert index.search(VECTORS[20], 1).labels.tolist() == [20]


class Against(RuleBasedStateMachine):
    """Any sequence of changes against a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.index = VectorIndex(DIM)
        self.model: set[int] = set()

    @rule(labels=st.sets(st.integers(0, 59), min_size=1, max_size=20))
    def add(self, labels: set[int]) -> None:
        rows = np.array(sorted(labels))
        self.index.add(rows, VECTORS[rows])
        self.model |= labels

    @rule(labels=st.sets(st.integers(0, 70), max_size=15))
    def remove(self, labels: set[int]) -> None:
        self.index.remove(np.array(sorted(labels), dtype=np.int64))
        self.model -= labels

    @precondition(lambda self: self.model)
    @rule(query=st.integers(0, 59), k=st.integers(1, 70))
    def search(self, query: int, k: int) -> None:
        found = self.index.search(VECTORS[query], k)
        rows = np.array(sorted(self.model))
        best = np.sort(VECTORS[rows] @ VECTORS[query])[::-1][:k]
        assert len(found.labels) == min(k, len(self.model))
        assert set(found.labels.tolist()) <= self.model
        np.testing.assert_allclose(found.scores, best, atol=1e-4)

    @invariant()
    def same_labels(self) -> None:
        assert self.index.labels().tolist() == sorted(self.model)
        assert len(self.index) == len(self.model)


TestAgainst = Against.TestCase
TestAgainst.settings = settings(max_examples=examples(40), stateful_step_count=25)


def test_a_removed_vector_comes_back() -> None:
    index, vectors = filled(100, DIM)
    index.remove(np.array([5, 5, 777]))
    index.remove(np.array([5]))
    assert 5 not in index.search(vectors[5], 99).labels
    index.add(np.array([5, 6]), vectors[[5, 6]])
    assert index.search(vectors[5], 1).labels.tolist() == [5]
    assert len(index) == 100


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 1.0])
def test_nothing_is_missing_under_a_filter(share: float) -> None:
    index, vectors = filled(2000, DIM)
    index.remove(np.arange(0, 2000, 7))
    live = np.setdiff1d(np.arange(2000), np.arange(0, 2000, 7))
    rng = np.random.default_rng(3)
    for query in unit(5, DIM, seed=4):
        among = rng.choice(live, max(1, round(share * len(live))), replace=False)
        found = index.search(query, 50, np.sort(np.append(among, [0, 7, 99_999])))
        wanted = among[np.argsort(-(vectors[among] @ query), kind="stable")][:50]
        scores = [vectors[labels] @ query for labels in (found.labels, wanted)]
        np.testing.assert_allclose(*scores, atol=1e-4)
        assert len(found.labels) == min(50, len(among))
        assert set(found.labels.tolist()) <= set(among.tolist())


@pytest.mark.parametrize("share", [None, 0.03, 0.3, 1.0])
def test_all_within_reach_are_found(share: float | None) -> None:
    index, vectors = filled(1000, DIM)
    rng = np.random.default_rng(8)
    for query in unit(5, DIM, seed=6):
        among = (
            None if share is None else np.sort(rng.choice(1000, round(share * 1000), replace=False))
        )
        allowed = np.arange(1000) if among is None else among
        scores = vectors[allowed] @ query
        for least in (2.0, float(np.sort(scores)[-20]), 0.2, -2.0):
            found = index.search(query, 12, among, least - 1e-4)
            within = allowed[scores >= least]
            assert len(np.unique(found.labels)) == len(found.labels)
            assert (np.diff(found.scores) <= 0).all()
            assert len(found.labels) >= max(min(12, len(allowed)), len(within))
            assert set(within.tolist()) <= set(found.labels.tolist())


def test_scores_and_vectors_of_labels() -> None:
    index, vectors = filled(300, DIM)
    index.remove(np.array([4]))
    query = unit(1, DIM, seed=2)[0]
    labels = np.array([299, 4, 0, 777, -1])
    scores, found = index.scores_of(query, labels), index.vectors_of(labels)
    assert np.isnan(scores[[1, 3, 4]]).all()
    assert np.isnan(found[[1, 3, 4]]).all()
    np.testing.assert_allclose(scores[[0, 2]], vectors[[299, 0]] @ query, atol=1e-4)
    np.testing.assert_allclose(found[[0, 2]], vectors[[299, 0]], atol=1e-4)


def test_searches_count_their_references() -> None:
    """``cdist(out=…)`` of simsimd 6.5.16 gives None away each time, until Python ends."""
    index, vectors = filled(100, DIM)
    before = sys.getrefcount(None)
    for _ in range(1000):
        index.search(vectors[0], 5)
    assert sys.getrefcount(None) > before - 500


def test_searches_go_on_while_it_is_saved_though_a_graph_waits_to_be_adopted() -> None:
    """A disk takes half a minute for a million vectors."""
    index = VectorIndex(8)
    index.add(np.arange(4), np.eye(4, 8, dtype=np.float32))
    adopted = threading.Event()

    def adopt() -> None:
        index.remove(np.array([99]))  # takes the lock for writing, as adopting does
        adopted.set()

    def write(_: memoryview) -> None:
        thread = threading.Thread(target=adopt, daemon=True)
        thread.start()
        assert adopted.wait(10)

    assert index.save(write) == 4


def test_the_first_of_many_are_exact_and_the_others_nearly() -> None:
    """Where half a library reaches the floor; who reaches it is told exactly."""
    index, vectors = filled(4000, 64)
    query = unit(1, 64, seed=1)[0]
    scores = vectors @ query
    floor = float(np.sort(scores)[-2000])
    found = index.search(query, 20, score_floor=floor)
    assert set(found.labels) == set(np.flatnonzero(scores >= floor))
    off = np.abs(found.scores - scores[found.labels])
    assert off[:512].max() < 5e-5
    assert 5e-5 < off[600:].max() < 6e-3
