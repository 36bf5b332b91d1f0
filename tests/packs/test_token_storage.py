"""Region tokens survive storage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crispd.errors import PackError
from crispd.packs.fine.token_storage import pack_tokens, stored_bytes, unpack_tokens
from crispd.packs.manifest import TokensPart

INT8 = TokensPart(regions=4, dim=6, storage="int8")
HALF = TokensPart(regions=4, dim=6, storage="float16")
tokens = hnp.arrays(
    np.float32, (4, 6), elements=st.floats(-1e4, 1e4, width=32, allow_subnormal=False)
)


@given(tokens)
def test_int8_is_as_close_as_its_step(array: np.ndarray) -> None:
    stored = pack_tokens(array, INT8)
    assert len(stored) == stored_bytes(INT8) == 4 * 6 + 4 * 2
    back = unpack_tokens([stored], INT8)
    assert back.shape == (1, 4, 6)
    assert back.dtype == np.float32
    step = np.abs(array).max(axis=1, keepdims=True) / 127
    # Half a step, and the loudest value may be cut by the scale's rounding; float16 below 6e-8
    # is nothing, and nearly nothing is coarse.
    assert (np.abs(back[0] - array) <= 0.6 * step + 4e-6).all()


@pytest.mark.parametrize("loudness", [1e-4, 1e-3, 1e-2, 1.0, 1e3])
def test_quiet_regions_keep_their_values(loudness: float) -> None:
    array = np.full((4, 6), loudness, np.float32)
    back = unpack_tokens([pack_tokens(array, INT8)], INT8)
    assert back == pytest.approx(loudness, rel=0.04)


@given(tokens)
def test_float16(array: np.ndarray) -> None:
    back = unpack_tokens([pack_tokens(array, HALF)], HALF)
    assert back[0] == pytest.approx(array, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("part", [INT8, HALF])
def test_silence_and_thunder(part: TokensPart) -> None:
    array = np.zeros((4, 6), np.float32)
    array[1] = 3e38
    back = unpack_tokens([pack_tokens(array, part)], part)[0]
    assert (back[[0, 2, 3]] == 0).all()
    assert np.isfinite(back).all()


def test_many_photos_keep_their_order() -> None:
    rows = [np.full((4, 6), value, np.float32) for value in range(5)]
    back = unpack_tokens([pack_tokens(row, INT8) for row in rows], INT8)
    assert back[:, 0, 0] == pytest.approx(np.arange(5), rel=1e-2)
    assert unpack_tokens([], INT8).shape == (0, 4, 6)


@pytest.mark.parametrize("lengths", [[31], [32, 33], [31, 33], [0]])
def test_bytes_of_another_length(lengths: list[int]) -> None:
    with pytest.raises(PackError, match="the pack's have 32"):
        unpack_tokens([bytes(length) for length in lengths], INT8)
