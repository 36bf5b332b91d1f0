"""What the card asks of captions: also of captions that hold little."""

from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe's requirements are not installed")

from train.measuring import probes


def order(texts: list[str]) -> np.ndarray:
    """As the cascade's: it cannot be asked for nothing."""
    return np.stack([np.arange(20) for _ in texts])


def test_captions_without_sides_numbers_or_the_other_english() -> None:
    captions = ["a dog runs"] * 12 + ["two dogs run"]
    owner = np.arange(len(captions))
    swapped = probes._swapped(order, captions)
    assert [row.split(" (")[0] for row in swapped] == ['"two" made "three"']
    found = probes._words(order, captions, owner, random.Random(0))
    assert "words of the other English" not in "".join(found)
    assert found[0].startswith("single words of captions (2)")
