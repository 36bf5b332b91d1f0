"""What stands behind the engine's Protocols: a library of numbers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import EncodedText, FileStamp, Neighbours, PhotoMetadata, PhotoRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import Floats


def record(label: int, copy: int = 0) -> PhotoRecord:
    """The photo of a label, or a copy of it."""
    return PhotoRecord(
        id=f"{label}-{copy}",
        root_id=1,
        root_path="/photos",
        path=f"{label}-{copy}.jpg",
        content_hash=f"{label:064x}",
        stamp=FileStamp(1, 1),
        metadata=PhotoMetadata(4, 3, "jpeg"),
    )


@dataclass
class FakeText:
    """The embedding is nothing; ``FakeIndex`` does not look at it."""

    cut: bool = False

    def encode(self, text: str) -> EncodedText:
        return EncodedText(
            np.zeros(2, np.float32), np.zeros((1, 2), np.float32), np.ones(1, np.float32), self.cut
        )


@dataclass
class FakeIndex:
    """Coarse scores by label."""

    scores: dict[int, float]
    exact: bool = True
    asked: list[int] = field(default_factory=list)

    def search(self, vector: Floats, k: int) -> Neighbours:
        self.asked.append(k)
        best = sorted(self.scores.items(), key=lambda item: (-item[1], item[0]))[:k]
        return Neighbours(
            np.array([label for label, _ in best], np.int64),
            np.array([score for _, score in best], np.float32),
            self.exact,
        )

    def __len__(self) -> int:
        return len(self.scores)


@dataclass
class FakePhotos:
    """Photos by label, each as often as ``copies`` says; tokens are the label in bytes."""

    copies: dict[int, int]
    without_tokens: set[int] = field(default_factory=set)

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        return {
            label: [record(label, copy) for copy in range(self.copies[label])]
            for label in labels
            if self.copies.get(label)
        }

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        known = (label for label in labels if self.copies.get(label))
        return {label: b"%d" % label for label in known if label not in self.without_tokens}


@dataclass
class FakeReranker:
    """Fine scores by label; each call takes ``seconds``."""

    scores: dict[int, float]
    coarse_weight: float = 1.0
    short_list: int = 10
    seconds: float = 0.0
    calls: list[int] = field(default_factory=list)

    def score(self, text: EncodedText, tokens: Sequence[bytes]) -> Floats:
        self.calls.append(len(tokens))
        time.sleep(self.seconds)
        return np.array([self.scores[int(token)] for token in tokens], np.float32)


class FakeCalibration:
    """Two different rising curves."""

    def final(self, score: float) -> float:
        return 0.5 + 0.5 * score / (1 + abs(score))

    def coarse(self, score: float) -> float:
        return 0.5 + 0.4 * score / (1 + abs(score))
