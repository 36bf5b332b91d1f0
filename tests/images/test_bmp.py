"""BMP of every kind."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import PhotoError, PhotoTooLarge
from crispd.images.opening import open_oriented, read_metadata
from crispd.types import DecodeLimits
from tests.images import bmps

LIMITS = DecodeLimits(10**6, 10**6)


@pytest.mark.parametrize("kind", bmps.EVERY)
def test_every_kind_is_read(kind: str) -> None:
    colours = 2 if kind == "1 bit" else 4
    expected = [[bmps.PALETTE[index % colours] for index in row] for row in bmps.ROWS]
    image, metadata = open_oriented(bmps.EVERY[kind], LIMITS, 5, 5)
    assert (metadata.width, metadata.height, metadata.type) == (bmps.WIDTH, bmps.HEIGHT, "bmp")
    assert np.abs(np.asarray(image).astype(int) - np.array(expected)).max() <= 9
    assert read_metadata(bmps.EVERY[kind]) == metadata


@given(st.sampled_from(sorted(bmps.EVERY)), st.integers(2, 70), st.binary(min_size=1, max_size=9))
def test_damage_is_a_result(kind: str, at: int, noise: bytes) -> None:
    whole = bmps.EVERY[kind]
    with contextlib.suppress(PhotoError):
        open_oriented(whole[:at] + noise + whole[at + len(noise) :], LIMITS, 5, 5)


def test_a_size_is_looked_at_before_it_is_believed() -> None:
    whole = bmps.EVERY["444"]
    huge = whole[:18] + (10**5).to_bytes(4, "little") * 2 + whole[26:]
    with pytest.raises(PhotoTooLarge):
        open_oriented(huge, LIMITS, 5, 5)
