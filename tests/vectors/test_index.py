"""Neighbours, exact and by graph."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from crispd.types import ScoreFloor
from crispd.vectors.exact import best
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise

DIM = 16


def unit(count: int, dim: int = DIM, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit(60)


def filled(count: int, dim: int, exact_below: int) -> tuple[VectorIndex, np.ndarray]:
    index, vectors = VectorIndex(dim, exact_below=exact_below), unit(count, dim)
    index.add(np.arange(count), vectors)
    return index, vectors


def test_an_empty_index_has_no_neighbours() -> None:
    found = VectorIndex(DIM).search(VECTORS[0], 10)
    assert len(found.labels) == 0


def test_small_libraries_are_searched_exactly() -> None:
    index, vectors = filled(500, 64, exact_below=1000)
    scores = vectors @ vectors[7]
    found = index.search(vectors[7], 50)
    assert found.exact
    assert found.labels.tolist() == np.argsort(-scores, kind="stable")[:50].tolist()
    np.testing.assert_allclose(found.scores, np.sort(scores)[::-1][:50], atol=1e-6)


def test_large_libraries_are_searched_by_graph() -> None:
    index, vectors = filled(4000, 32, exact_below=1000)
    hits = 0
    for query in unit(50, 32, seed=1):
        found = index.search(query, 100)
        assert not found.exact
        assert (np.diff(found.scores) <= 0).all()
        hits += len(np.intersect1d(found.labels, np.argsort(-(vectors @ query))[:100]))
    assert hits / 5000 >= 0.95


def test_ties_are_settled_by_label() -> None:
    found = best(np.array([9, 3, 5, 1]), np.array([1, 1, 1, 0], np.float32), 2, exact=True)
    assert found.labels.tolist() == [3, 5]


def test_a_graph_riddled_with_deletions_still_answers_in_full() -> None:
    index, vectors = filled(3000, DIM, exact_below=0)
    index.remove(np.arange(2990))
    found = index.search(vectors[0], 50)
    assert sorted(found.labels.tolist()) == list(range(2990, 3000))
    assert index.needs_compaction()
    compact = index.compacted()
    assert not compact.needs_compaction()
    assert compact.labels().tolist() == list(range(2990, 3000))


def test_removed_vectors_that_may_come_back_are_spared() -> None:
    index, vectors = filled(3000, DIM, exact_below=0)
    index.remove(np.arange(2500))
    assert index.needs_compaction()
    assert not index.needs_compaction(np.arange(2500))
    assert not index.needs_compaction(np.arange(1500))  # a thousand gone for good are few
    assert index.needs_compaction(np.arange(1000))
    for _ in range(300):  # the graph is full of what is removed: soon the matrix is cheaper
        found = index.search(vectors[2900], 10)
        assert found.labels[0] == 2900
    assert found.exact
    index.add(np.arange(2500), vectors[:2500])
    assert index.search(vectors[0], 10).labels[0] == 0
    assert len(index) == 3000


def test_searches_beside_a_writer() -> None:
    index, vectors = filled(300, DIM, exact_below=100)
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
    """Any sequence of changes against a dictionary, over both scorers."""

    def __init__(self) -> None:
        super().__init__()
        self.index = VectorIndex(DIM, exact_below=12)
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
        # At this size the graph, with its least ef of 200, sees everything too.
        np.testing.assert_allclose(found.scores, best, atol=1e-5)

    @invariant()
    def same_labels(self) -> None:
        assert self.index.labels().tolist() == sorted(self.model)
        assert len(self.index) == len(self.model)


TestAgainst = Against.TestCase
TestAgainst.settings = settings(max_examples=40, stateful_step_count=25)


@pytest.mark.parametrize("exact_below", [0, 1000])
def test_a_removed_vector_comes_back(exact_below: int) -> None:
    index, vectors = filled(100, DIM, exact_below)
    index.remove(np.array([5, 5, 777]))
    index.remove(np.array([5]))
    assert 5 not in index.search(vectors[5], 99).labels
    index.add(np.array([5, 6]), vectors[[5, 6]])
    assert index.search(vectors[5], 1).labels.tolist() == [5]
    assert len(index) == 100


@pytest.mark.parametrize("exact_below", [0, 1000])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 1.0])
def test_nothing_is_missing_under_a_filter(exact_below: int, share: float) -> None:
    index, vectors = filled(2000, DIM, exact_below)
    index.remove(np.arange(0, 2000, 7))
    live = np.setdiff1d(np.arange(2000), np.arange(0, 2000, 7))
    rng = np.random.default_rng(3)
    for query in unit(5, DIM, seed=4):
        among = rng.choice(live, max(1, round(share * len(live))), replace=False)
        found = index.search(query, 50, np.sort(np.append(among, [0, 7, 99_999])))
        wanted = among[np.argsort(-(vectors[among] @ query), kind="stable")][:50]
        if found.exact:
            assert found.labels.tolist() == wanted.tolist()
        assert len(found.labels) == min(50, len(among))
        assert set(found.labels.tolist()) <= set(among.tolist())


@pytest.mark.parametrize("exact_below", [0, 1000])
@pytest.mark.parametrize("share", [None, 0.03, 0.3, 1.0])
@pytest.mark.parametrize("about", [0, 30, 600])
def test_all_within_reach_are_found(exact_below: int, share: float | None, about: int) -> None:
    index, vectors = filled(1000, DIM, exact_below)
    rng = np.random.default_rng(8)
    for query in unit(5, DIM, seed=6):
        among = (
            None if share is None else np.sort(rng.choice(1000, round(share * 1000), replace=False))
        )
        allowed = np.arange(1000) if among is None else among
        scores = vectors[allowed] @ query
        for least in (2.0, float(np.sort(scores)[-20]), 0.2, -2.0):
            found = index.search(query, 12, among, ScoreFloor(least - 1e-6, about))
            within = allowed[scores >= least]
            wanted = max(min(12, len(allowed)), len(within))
            assert len(np.unique(found.labels)) == len(found.labels)
            assert (np.diff(found.scores) <= 0).all()
            if found.exact:
                assert len(found.labels) == wanted
                assert set(within.tolist()) <= set(found.labels.tolist())
            else:  # the graph may overlook a few
                assert 0.9 * wanted <= len(found.labels) <= wanted


def test_the_graph_is_asked_only_where_it_reaches_far_enough() -> None:
    index, vectors = filled(3000, DIM, exact_below=0)
    scores = np.sort(vectors @ vectors[5])
    assert not index.search(vectors[5], 12, score_floor=ScoreFloor(float(scores[-5]), 4)).exact
    assert index.search(vectors[5], 12, score_floor=ScoreFloor(float(scores[-900]), 4)).exact
    assert index.search(vectors[5], 12, score_floor=ScoreFloor(float(scores[-2900]), 2900)).exact


def test_scores_and_vectors_of_labels() -> None:
    index, vectors = filled(300, DIM, exact_below=100)
    index.remove(np.array([4]))
    query = unit(1, DIM, seed=2)[0]
    labels = np.array([299, 4, 0, 777, -1])
    scores, found = index.scores_of(query, labels), index.vectors_of(labels)
    assert np.isnan(scores[[1, 3, 4]]).all()
    assert np.isnan(found[[1, 3, 4]]).all()
    np.testing.assert_allclose(scores[[0, 2]], vectors[[299, 0]] @ query, atol=1e-6)
    np.testing.assert_array_equal(found[[0, 2]], vectors[[299, 0]])
