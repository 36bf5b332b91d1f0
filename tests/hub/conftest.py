"""A hub with one repository."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.fake_hub import FakeHub

NAME = "house/tiny-clip"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two large files, one of them not needed, and small ones."""
    folder = tmp_path / "repository"
    chance = random.Random(7)
    for name, size in {
        "onnx/vision_model.onnx": 60_000,
        "onnx/vision_model_fp16.onnx": 30_000,
        "onnx/text_model.onnx": 50_000,
        "onnx/text_model_int8.onnx": 20_000,
        "onnx/model.onnx": 110_000,
        "rknpu/vision.onnx": 12_000,
        "visual/model.armnn": 11_000,
        "pytorch_model.bin": 90_000,
        "config.json": 300,
        "preprocessor_config.json": 200,
        "tokenizer.json": 15_000,
        "README.md": 900,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(size))
    return folder


@pytest.fixture
def hub(repository: Path) -> Iterator[FakeHub]:
    with FakeHub({NAME: repository}) as running:
        yield running
