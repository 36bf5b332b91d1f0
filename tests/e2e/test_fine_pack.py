"""A second pack as fine stage of a real process: killed, and one that is damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.fine_pack.conftest import heavy
from tests.pack_switch.conftest import COLOURS, picture


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(COLOURS):
        (folder / f"{number:03}.bmp").write_bytes(picture(number))
    return folder


def order(server: Server) -> list[str]:
    answer = server.get("/search", q="a dog", limit=200, min_relevance="all")
    assert "fine_pack" in answer["timings_ms"]
    return [hit["path"] for hit in answer["results"]]


@pytest.mark.small_pack
def test_killed_and_damaged(coloured: Path, tmp_path: Path, serve: Callable[..., Server]) -> None:
    settings = {"thumbnails_ahead": "false", "settle_seconds": "0.05"}
    heavy(tmp_path / "heavy")
    server = serve(coloured, fine_pack=str(tmp_path / "heavy"), **settings)
    server.until(lambda status: status["photos"] == COLOURS and status["fine_pack"], 60)
    order(server)
    server.until(lambda status: status["fine_vectors"] >= 3, 60)
    server.kill()
    server = serve(coloured, fine_pack=str(tmp_path / "heavy"), **settings)
    server.until(lambda status: status["fine_vectors"] == 50 and status["fine_pending"] == 0, 60)
    server.stop()

    wrong = heavy(tmp_path / "wrong")
    graph = (wrong / "image.onnx").read_bytes()
    (wrong / "image.onnx").write_bytes(graph[: len(graph) // 2] + bytes(len(graph) // 2))
    server = serve(coloured, fine_pack=str(wrong), **settings)
    assert server.until(lambda status: status["fine_pack_problem"], 60)["fine_pack"] is None
    assert len(order(server)) == COLOURS
