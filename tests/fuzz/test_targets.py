"""A short walk with each fuzz target; ``python -m tests.fuzz`` walks without end."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.targets import TARGETS, damaged, taken
from tests.properties import examples


@pytest.mark.parametrize(("name", "count"), [("query", examples(600)), ("images", 60)])
def test_nothing_breaks(name: str, count: int) -> None:
    target, dice = TARGETS[name], random.Random(1)
    seeds = target.seeds()
    for seed in seeds:
        target.run(seed)
    for _ in range(count):
        target.run(damaged(dice, seeds))


def test_the_image_target_decodes_what_is_whole() -> None:
    """A target that refuses everything would find nothing."""
    assert len([taken(data) for data in TARGETS["images"].seeds()]) > 5
