"""What a label lists, and that classifiers which know it find every photo."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")

from train.data.photos import Photo  # noqa: E402
from train.towers.linear_probe import classified, found, listed, targets  # noqa: E402

CAPTIONS = (
    "a photo of two dogs and a person",
    "a photo of a dog",
    "a photo of a sheep, three people and a bus",
)


def photos(split: str) -> list[Photo]:
    """Four of each caption."""
    return [Photo(Path("a.jpg"), split, (c,), human=False, kind="voc") for c in CAPTIONS * 4]


@pytest.mark.parametrize(
    ("caption", "things"),
    [
        ("a photo of two dogs and a person", {"dog": 2, "person": 1}),
        ("a photo of several people and five dogs", {"person": 4, "dog": 4}),
        (
            "an indoor photo with a rug, two buses and a floor mat",
            {"rug": 1, "bus": 2, "floor mat": 1},
        ),
    ],
)
def test_things_are_listed_with_their_counts(caption: str, things: dict[str, int]) -> None:
    assert listed(caption) == things


def test_classifiers_that_know_everything_find_everything() -> None:
    told, columns = targets(photos("train"))
    assert columns.keys() >= {("dog", 1), ("dog", 2), ("person", 3), ("bus", 1)}
    assert found(photos("dev"), told * 20 - 10, columns)["voc"] == 100.0


def test_what_the_features_hold_is_learned_from_the_training_photos_alone() -> None:
    told, columns = targets(photos("train"))
    seen = torch.cat([told, told]) + torch.randn(24, told.shape[1]) * 0.01
    train = torch.arange(24) < 12
    logits = classified(seen, torch.cat([told, 1 - told]), train)[12:]
    assert found(photos("dev"), logits, columns)["all"] == 100.0
