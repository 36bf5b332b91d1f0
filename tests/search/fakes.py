"""What stands behind the engine's Protocols: a library of numbers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import (
    CacheStats,
    Candidates,
    EncodedText,
    FileStamp,
    ImageQueryModel,
    MetadataChanges,
    MetadataRow,
    PhotoMetadata,
    PhotoRecord,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import Floats, Labels, TextLine


PICTURES = ImageQueryModel(np.ones(2, np.float32), 7.0, -5.0, 0.4)


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
        row=label * 10 + copy + 1,
    )


@dataclass
class FakeText:
    """The embedding is nothing; ``FakeIndex`` does not look at it. ``spoken``: languages that are
    read where somebody who speaks them asks.
    """

    cut: bool = False
    language: str | None = None
    words: int = 1
    gain: float = 1.0
    spoken: tuple[str, ...] = ()

    use = CacheStats()

    def other_language(self, text: str, spoken: str = "") -> str | None:
        return spoken if spoken in self.spoken else self.language

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        return EncodedText(
            np.zeros(2, np.float32), np.zeros((1, 2), np.float32), np.ones(1, np.float32), self.cut,
            self.words, gain=self.gain,
        )  # fmt: skip


@dataclass
class FakeIndex:
    """Coarse scores by label."""

    scores: dict[int, float]
    exact: bool = True
    asked: list[int] = field(default_factory=list)

    def search(
        self,
        vector: Floats,
        k: int,
        among: Labels | None = None,
        score_floor: float | None = None,
    ) -> Candidates:
        allowed = set(self.scores) if among is None else set(among.tolist())
        known = [item for item in self.scores.items() if item[0] in allowed]
        within = sum(score_floor is not None and score >= score_floor for _, score in known)
        best = sorted(known, key=lambda item: (-item[1], item[0]))[: max(k, within)]
        self.asked.append(len(best))
        return Candidates(
            np.array([label for label, _ in best], np.int64),
            np.array([score for _, score in best], np.float32),
            self.exact,
        )

    def scores_of(self, vector: Floats, labels: Labels) -> Floats:
        found = [self.scores.get(label, np.nan) for label in labels.tolist()]
        return np.array(found, np.float32)

    def labels(self) -> Labels:
        return np.array(sorted(self.scores), np.int64)

    def vectors_of(self, labels: Labels) -> Floats:
        return np.zeros((len(labels), 2), np.float32)

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

    def label_of_photo(self, public_id: str) -> int | None:
        label = int(public_id.partition("-")[0])
        return label if self.copies.get(label) else None

    def photos_at(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        known = ((row, (row - 1) // 10, (row - 1) % 10) for row in rows)
        return {
            row: record(label, copy)
            for row, label, copy in known
            if copy < self.copies.get(label, 0)
        }

    def ids_at(self, rows: Sequence[int]) -> dict[int, str]:
        return {row: photo.id for row, photo in self.photos_at(rows).items()}

    def text_of(self, content_hashes: Sequence[str]) -> dict[str, tuple[TextLine, ...]]:
        return {}

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


# Words that stand in photos, by their rows.
TEXTS = ((), ("invoice",), ("invoice", "due"))


@dataclass
class FakeListings:
    """What the metadata index reads; ``changed`` tells it to look again."""

    listings: list[MetadataRow] = field(default_factory=list)
    at: int = 0
    everything_read: int = 0
    changed_rows: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def put(self, *listings: MetadataRow) -> None:
        """Add photos or replace them."""
        rows = tuple(item.row for item in listings)
        self.listings = [item for item in self.listings if item.row not in rows] + [*listings]
        self.at += 1
        self.changed_rows[self.at] = rows

    def drop(self, row: int) -> None:
        """A photo is gone."""
        self.listings = [item for item in self.listings if item.row != row]
        self.at += 1
        self.changed_rows[self.at] = (row,)

    def number(self) -> int:
        return self.at

    def roots(self) -> dict[int, str]:
        return {1: "/photos", 2: "/srv/other"}

    def everything(self) -> MetadataChanges:
        self.everything_read += 1
        return MetadataChanges(self.at, None, list(self.listings))

    def since(self, number: int) -> MetadataChanges:
        rows = {row for at, some in self.changed_rows.items() if at > number for row in some}
        found = [item for item in self.listings if item.row in rows]
        return MetadataChanges(self.at, tuple(rows), found)

    def with_words(self, field: str, text: str) -> Labels:
        assert field == "text"
        wanted = {word.lower() for word in text.split() if word.isalnum()}
        rows = [item.row for item in self.listings if wanted <= set(TEXTS[item.row % len(TEXTS)])]
        return np.array(rows if wanted else [], np.int64)

    def with_any_word(self, field: str) -> Labels:
        assert field == "text"
        rows = [item.row for item in self.listings if TEXTS[item.row % len(TEXTS)]]
        return np.array(rows, np.int64)

    def beginning(self, field: str, text: str, most: int) -> list[str]:
        names = [item.path.decode("utf-8", "replace").rpartition("/")[2] for item in self.listings]
        words = [word for item in self.listings for word in TEXTS[item.row % len(TEXTS)]]
        some = names if field == "name" else words
        return list(dict.fromkeys(each for each in some if each.lower().startswith(text)))[:most]


def listing(
    row: int, label: int | None = None, path: str = "a.jpg", **known: object
) -> MetadataRow:
    """A photo of the metadata index."""
    plain = MetadataRow(
        row, row if label is None else label, 1, path.encode(), "2021-07-03T10:12:00", "jpeg",
        "Google Pixel 8", None, None, None, 4000, 3000, None,
    )  # fmt: skip
    return plain._replace(**known)
