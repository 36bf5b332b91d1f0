"""A folder as others publish it answers over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crispd.packs.foreign import write_manifest
from crispd.packs.locate import find_pack
from tests.e2e.server import Server
from tests.packs.foreign import published


def searched(server: Server, q: str) -> dict[str, object]:
    return server.get("/search", q=q, limit=50, min_relevance="all")


def test_every_language_reaches_a_pack_of_many(
    photos: Path, tmp_path: Path, serve: Callable[..., Server]
) -> None:
    published.siglip(tmp_path / "model")
    pack = write_manifest(tmp_path / "model", tmp_path / "model", languages=["en", "*"]).parent
    server = serve(photos, pack=str(pack))
    count = sum(1 for path in photos.rglob("*") if path.is_file())
    assert server.settle()["photos"] == count
    for q in ("ein Hund am Strand", "un chien à la plage", "a dgo on the beahc"):
        found = searched(server, q)
        assert found["searched"] == q
        assert found["considered"] == count
        assert not {note["code"] for note in found["remarks"]} & {"spelling", "language"}
        assert {one["relevance"] for one in found["results"]} <= {"likely", "maybe", "unlikely"}


@pytest.mark.slow
def test_the_graphs_of_mini_as_a_stranger_would_publish_them(
    photos: Path, tmp_path: Path, serve: Callable[..., Server]
) -> None:
    """Found by their inputs and outputs, with a judge of the library's own: the right photos."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("image.onnx", "image.weights", "text.onnx", "text.weights", "tokenizer.json"):
        shutil.copyfile(find_pack("mini") / name, folder / name)
    (folder / "preprocess_cfg.json").write_text(json.dumps({
        "size": 224, "mean": [0.498] * 3, "std": [0.502] * 3, "interpolation": "bicubic",
        "resize_mode": "squash",
    }))  # fmt: skip
    write_manifest(folder, tmp_path / "pack")
    server = serve(photos, pack=str(tmp_path / "pack"))
    server.settle()
    for q, name in (("a cat", "cat_chelsea"), ("a rocket launch", "rocket"), ("coins", "coins")):
        first = server.get("/search", q=q)["results"][0]
        assert name in first["path"], q
        assert first["relevance"] in {"likely", "maybe"}
