"""What the pack that ships is worth, over photos and captions it was not trained on.

Floors are targets, not what was measured; one that is missed is marked with what was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crispd.evaluation.dataset import read_dataset
from crispd.evaluation.evaluate import Evaluation, EvaluationRow, evaluate
from crispd.evaluation.quality import COARSE, FULL, cascade_name
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.types import DecodeLimits

pytestmark = [pytest.mark.data, pytest.mark.slow]

LIMITS = DecodeLimits(max_pixels=100_000_000, max_bytes=100_000_000)


class Silent:
    def begin(self, what: str, total: int) -> None:
        pass

    def advance(self, count: int) -> None:
        pass


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(find_pack("mini"), index_threads=2, search_threads=2, text_cache=1)


def evaluated(folder: Path, pack: Pack, split: str) -> Evaluation:
    chosen = read_dataset(folder, split=split)
    return evaluate(chosen, pack, LIMITS, thumbnail=320, threads=2, progress=Silent())


@pytest.fixture(scope="module")
def sentences(collections: Path, pack: Pack) -> Evaluation:
    return evaluated(collections / "flickr8k", pack, "test")


@pytest.fixture(scope="module")
def labels(collections: Path, pack: Pack) -> Evaluation:
    return evaluated(collections / "everyday", pack, "dev")


def row(found: Evaluation, name: str) -> EvaluationRow:
    return next(row for row in found.rows if row.name == name)


def shipped(found: Evaluation, pack: Pack) -> EvaluationRow:
    assert pack.reranker is not None
    return row(found, cascade_name(pack.reranker.short_list))


def recall(row: EvaluationRow) -> list[float]:
    return [row.recall[k].value for k in (1, 5, 10)]


def test_coarse(sentences: Evaluation) -> None:
    found = recall(row(sentences, COARSE))
    assert all(got >= least for got, least in zip(found, (27, 57, 70), strict=True)), found


def test_cascade(sentences: Evaluation, pack: Pack) -> None:
    found = recall(shipped(sentences, pack))
    assert all(got >= least for got, least in zip(found, (31, 61, 74), strict=True)), found


def test_the_short_list_loses_next_to_nothing(sentences: Evaluation, pack: Pack) -> None:
    lost = shipped(sentences, pack).against_full
    assert all(share.low >= -0.5 for share in lost.values()), lost


@pytest.mark.xfail(reason="pack 7 gains 0.8 points (0.0 to 1.6)")
def test_the_fine_stage_gains_four_points(sentences: Evaluation, pack: Pack) -> None:
    gained = recall(shipped(sentences, pack))[0] - recall(row(sentences, COARSE))[0]
    assert gained >= 4, gained


@pytest.mark.xfail(reason="pack 7 reaches 44.1")
def test_everyday_labels(labels: Evaluation, pack: Pack) -> None:
    precision = shipped(labels, pack).precision
    assert precision is not None
    assert precision >= 55, precision


def test_the_full_scan_is_the_limit_that_is_compared_with(sentences: Evaluation) -> None:
    assert row(sentences, FULL).against_full == {}
