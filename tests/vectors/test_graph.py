"""The graph that proposes what is near in a large library."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from crispd.vectors import graph as graph_module
from crispd.vectors.graph import PROPOSALS, Graph, is_available
from crispd.vectors.graph_building import GraphBuilding
from crispd.vectors.index import VectorIndex

pytestmark = pytest.mark.skipif(not is_available(), reason="hnswlib has no wheel for this Python")

DIM, COUNT = 160, 6000


def around_topics(count: int, seed: int) -> np.ndarray:
    """Unit vectors around 200 topics, as photos of a library are."""
    rng = np.random.default_rng(seed)
    topics = np.random.default_rng(0).standard_normal((200, DIM))
    vectors = topics[rng.integers(0, 200, count)] + 0.8 * rng.standard_normal((count, DIM))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


VECTORS, QUERIES = around_topics(COUNT, 1), around_topics(40, 2)


def with_graph() -> VectorIndex:
    index = VectorIndex(DIM)
    index.add(np.arange(COUNT), VECTORS)
    graph = Graph(VECTORS)
    graph.add(np.arange(0, COUNT - 100), VECTORS[:-100])  # the last come when it is adopted
    index.adopt_graph(graph)
    return index


@pytest.fixture(scope="module")
def index() -> VectorIndex:
    return with_graph()


def test_what_is_near_is_proposed(index: VectorIndex) -> None:
    hits = 0
    for query in QUERIES:
        found = index.search(query, 52)
        assert not found.exact
        assert (np.diff(found.scores) <= 0).all()
        hits += len(np.intersect1d(found.labels, np.argsort(-(VECTORS @ query))[:52]))
    assert hits / (52 * len(QUERIES)) >= 0.98


def test_everything_from_a_score_on_is_found_as_without_it(index: VectorIndex) -> None:
    for query in QUERIES[:10]:
        scores = VECTORS @ query
        rare = float(np.sort(scores)[-80])
        found = index.search(query, 10, score_floor=rare)
        assert len(np.intersect1d(found.labels, np.flatnonzero(scores >= rare))) >= 78
        common = float(np.sort(scores)[-900])
        found = index.search(query, 10, score_floor=common)
        assert found.exact
        assert len(found.labels) >= 895


def test_more_than_it_can_propose_is_compared_with_all(index: VectorIndex) -> None:
    assert index.search(QUERIES[0], PROPOSALS).exact
    assert index.search(QUERIES[0], 10, among=np.arange(0, COUNT, 2)).exact


def test_what_comes_and_goes_is_followed() -> None:
    index = with_graph()
    nearest = index.search(QUERIES[0], 5).labels
    index.remove(nearest)
    assert not np.isin(nearest, index.search(QUERIES[0], 52).labels).any()
    index.add(nearest, VECTORS[nearest])
    index.add(np.array([COUNT + 7]), QUERIES[:1])
    found = index.search(QUERIES[0], 6)
    assert found.labels.tolist() == [COUNT + 7, *nearest.tolist()]
    assert not found.exact


def test_it_is_built_behind_searches() -> None:
    index = VectorIndex(DIM)
    index.add(np.arange(COUNT // 2), VECTORS[: COUNT // 2])
    asked: list[bool] = []

    def courtesy(_: threading.Event) -> None:
        if len(asked) == 3:  # photos come and go meanwhile
            index.add(np.arange(COUNT // 2, COUNT), VECTORS[COUNT // 2 :])
            index.remove(np.arange(10))
        asked.append(index.search(QUERIES[0], 5).exact)

    building = GraphBuilding(index, 2**30, courtesy, least=COUNT // 4, look_seconds=0.01)
    building.start()
    end = time.monotonic() + 60
    while not index.has_graph and time.monotonic() < end:
        time.sleep(0.01)
    building.stop()
    assert asked
    assert all(asked)
    found = index.search(QUERIES[0], 52)
    assert not found.exact
    right = np.argsort(-(VECTORS[10:] @ QUERIES[0]))[:52] + 10
    assert len(np.intersect1d(found.labels, right)) >= 50


@pytest.mark.parametrize(("least", "allowed"), [(COUNT + 1, 2**30), (10, 1000)])
def test_a_small_library_or_a_small_machine_has_none(least: int, allowed: int) -> None:
    index = VectorIndex(DIM)
    index.add(np.arange(100), VECTORS[:100])
    building = GraphBuilding(index, allowed, lambda _: None, least=least, look_seconds=0.01)
    building.start()
    time.sleep(0.05)
    building.stop()
    assert not index.has_graph


def test_without_hnswlib_every_search_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "hnswlib", None)
    index = VectorIndex(DIM)
    index.add(np.arange(100), VECTORS[:100])
    building = GraphBuilding(index, 2**30, lambda _: None, least=10, look_seconds=0.01)
    building.start()
    building.stop()
    assert index.search(VECTORS[0], 5).exact
