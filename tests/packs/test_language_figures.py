"""What the benchmark of languages asks, and how it counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.ranking import languages

if TYPE_CHECKING:
    from pathlib import Path


def test_names_are_asked_in_every_language(tmp_path: Path) -> None:
    (tmp_path / "imagenet").mkdir()
    (tmp_path / "imagenet" / "classes.tsv").write_text(
        "0\tn01440764\ttench\n1\tn01443537\tGoldfish"
    )
    (tmp_path / "strangers").mkdir()
    rows = [
        {"image": "a.jpg", "split": "dev", "set": "names", "captions": ["goldfish"]},
        {"image": "b.jpg", "split": "dev", "set": "coco", "captions": ["A dog ."]},
    ]
    lines = "\n".join(map(json.dumps, rows))
    (tmp_path / "strangers" / "captions.jsonl").write_text(lines)
    asked = languages.names(tmp_path)
    assert [path.name for path in asked.paths] == ["a.jpg"]
    assert asked.texts == {
        "en": ["goldfish"], "de": ["goldfisch"], "fr": ["poisson rouge"], "cs": ["zlatá rybka"],
    }  # fmt: skip
    assert languages.recall(np.array([0, 3, 9, 10])) == "25.0 / 50.0 / 75.0"
