"""Rows of words that are kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crispd.store.words.row_cache import RowCache

ROWS = {"name": np.arange(10, dtype=np.int64)}  # kept in 40 bytes


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abcdef"))))
def test_what_is_found_was_read_at_that_version_and_all_fits(steps: list[tuple[int, str]]) -> None:
    cache = RowCache(most_bytes=125)
    newest = -1
    kept: dict[str, int] = {}
    for version, word in steps:
        cache.put(version, word, ROWS)
        if version > newest:
            newest, kept = version, {}
        if version == newest:
            kept[word] = version
        known = [each for each in "abcdef" if cache.get(newest, each) is not None]
        assert len(known) <= 3
        assert set(known) <= set(kept)
        assert version < newest or word in known
        assert all(cache.get(newest - 1, each) is None for each in "abcdef")


def test_what_is_larger_than_everything_is_not_kept() -> None:
    cache = RowCache(most_bytes=39)
    cache.put(1, "a", ROWS)
    assert cache.get(1, "a") is None
