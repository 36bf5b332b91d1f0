"""An album that is indexed already is what indexing it would have left."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.e2e.indexed import copy_of_album
from tests.e2e.server import Server

# Told by when and in which order photos were read.
_BY_CHANCE = {"id", "updated_at", "photo_id", "embedding_id", "number"}


def rows(data: Path, table: str) -> list[Any]:
    with closing(sqlite3.connect(data / "crispd.sqlite3")) as database:
        found = database.execute(f"SELECT * FROM {table}")
        names = [name for name, *_ in found.description]
        kept = [index for index, name in enumerate(names) if name not in _BY_CHANCE]
        return sorted(([row[index] for index in kept] for row in found), key=repr)


@pytest.mark.usefixtures("indexed")
def test_a_copy_is_what_indexing_there_would_leave(
    photos: Path, serve: Callable[..., Server], tmp_path: Path
) -> None:
    counted = tmp_path / "encoded"
    server = serve(photos, counted=counted)
    status = server.settle()
    assert (status["photos"], status["index_vectors"]) == (23, 23)
    assert {status[name] for name in ("encoded", "linked", "moved", "removed", "failed")} == {0}
    assert not counted.exists() or not counted.read_text()
    assert server.stop() == 0

    other = copy_of_album(tmp_path / "other" / "photos")
    fresh = Server(tmp_path / "fresh", other)
    assert fresh.settle()["encoded"] == 23
    assert fresh.stop() == 0
    for table in ("contents", "photo_words"):
        assert rows(tmp_path / "data", table) == rows(tmp_path / "fresh", table), table
    vectors = (rows(tmp_path / name, "embeddings") for name in ("data", "fresh"))
    for one, other in zip(*vectors, strict=True):  # batches of other sizes round otherwise
        assert one[:-1] == other[:-1]
        assert np.dot(*(np.frombuffer(row[-1], np.float32) for row in (one, other))) > 0.9999
    assert len(rows(tmp_path / "data", "tokens")) == 23
    files = [
        {path.relative_to(data) for path in data.rglob("*") if path.is_file()}
        for data in (tmp_path / "data", tmp_path / "fresh")
    ]
    assert files[0] == files[1]
