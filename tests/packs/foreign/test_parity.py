"""Texts and pixels as open_clip and transformers make them, without either.

``expected.json`` is made by ``benchmarks/ranking/parity/expected.py``; vectors are compared in
``benchmarks/ranking/parity``, whose table is in ``docs/packs.md``.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from crispd.images.decode import decode_photo
from crispd.packs.text.cleaning import clean
from crispd.types import DecodeLimits, ImageInput

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
STEPS = {
    "lower": ["basic", "whitespace", "lower"],
    "whitespace": ["basic", "whitespace"],
    "canonicalize": ["basic", "canonicalize"],
}
LIMITS = DecodeLimits(max_pixels=10**6, max_bytes=10**6)


@pytest.mark.parametrize("name", sorted(STEPS))
def test_texts_are_cleaned_as_by_open_clip(name: str) -> None:
    made = {text: clean(text, STEPS[name]) for text in EXPECTED["clean"][name]}
    assert made == EXPECTED["clean"][name]


@pytest.mark.parametrize("row", EXPECTED["pixels"], ids=lambda row: "-".join(map(str, row[:6])))
def test_pixels_are_those_of_training(row: list[Any]) -> None:
    width, height, interpolation, fit, rounding, resize, (total, *sample) = row
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    planes = [across * 7 % 256, down * 5 % 256, across * down % 256]
    stream = io.BytesIO()
    Image.fromarray(np.stack(planes, -1).astype(np.uint8)).save(stream, "PNG")
    wanted = ImageInput(32, fit, interpolation, resize, rounding)
    made = decode_photo(stream.getvalue(), wanted, LIMITS, thumbnails=(320,)).pixels
    assert made.shape == (32, 32, 3)
    assert made[::9, ::9].reshape(-1).tolist() == sample
    assert int(made.sum()) == total
