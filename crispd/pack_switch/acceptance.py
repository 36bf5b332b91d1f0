"""The check that a pack has to pass before it answers, over the photos of this library.

A pack whose graphs load may still be wrong: fed wrongly, cut off, or of another model than its
words are. Two questions find that out without anybody's labels: does a smaller copy of a photo find
the photo, and do words bring up photos that the pack which answers now brings up?
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from crispd.errors import NotFound, PackMismatch, PhotoError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.types import (
        CoarseIndex,
        EncodedPhoto,
        Floats,
        ImageEncoder,
        Labels,
        PhotoRecord,
        Pixels,
        TextEncoder,
    )

log = logging.getLogger(__name__)

# Shares of photos that score below what they should: 0.5 is chance.
_LEAST_SELF, _LEAST_AGREEMENT = 0.9, 0.6
_COPIES = 64
_TOP = 10
# With fewer photos, agreement is chance.
_FEWEST = 40
_MOST_UNREADABLE = 0.01


class Encoders(Protocol):
    """What is asked of a pack."""

    @property
    def id(self) -> str:
        """Name and version."""

    @property
    def image_encoder(self) -> ImageEncoder:
        """For copies of photos."""

    @property
    def text_encoder(self) -> TextEncoder:
        """For words."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What was found: shares as above; None where it could not be told."""

    itself: float | None
    agreement: float | None


def check_coverage(encoded: int, total: int, refused: int, pack_id: str) -> None:
    """Raise PackMismatch where the pack makes nothing of too many photos."""
    if refused > max(1, _MOST_UNREADABLE * total):
        raise PackMismatch(
            f"{pack_id} made nothing usable of {refused} of {total} photos: no vectors of length 1."
        )
    log.info("%s has encoded %d of %d photos", pack_id, encoded, total)


def check_answers(
    old: tuple[Encoders, CoarseIndex],
    new: tuple[Encoders, CoarseIndex],
    *,
    same: Callable[[Labels], Labels],
    copies: Callable[[Labels], list[tuple[int, Pixels]]],
    words: Sequence[str],
    trusted: bool = False,
) -> Acceptance:
    """Raise PackMismatch, with the reason, where the new pack is not to answer.

    ``same``: labels of the old pack to those of the new, -1 where it has none; ``copies``: labels
    of the new pack with smaller copies of their photos as pixels; ``trusted``: it has answered
    before, so nothing but itself is asked.
    """
    itself = _finds_copies(*new, copies)
    if itself is not None and itself < _LEAST_SELF:
        raise PackMismatch(
            f"{new[0].id} does not recognise photos of this library: a copy of one scores above "
            f"{itself:.0%} of the others, {_LEAST_SELF:.0%} are expected."
        )
    agreement = None if trusted else _agreement(old, new, same, words)
    if agreement is not None and agreement < _LEAST_AGREEMENT:
        raise PackMismatch(
            f"{new[0].id} does not understand words as {old[0].id} does: what that finds scores "
            f"above {agreement:.0%} of the other photos, {_LEAST_AGREEMENT:.0%} are expected."
        )
    return Acceptance(itself, agreement)


def _finds_copies(
    pack: Encoders, index: CoarseIndex, copies: Callable[[Labels], list[tuple[int, Pixels]]]
) -> float | None:
    labels = _all(index)
    sample = labels[:: max(len(labels) // _COPIES, 1)]
    shares = []
    for label, pixels in copies(sample):
        scores = index.scores_of(_vector(pack.image_encoder.encode(pixels[None])), labels)
        shares.append(_share_below(scores, np.flatnonzero(labels == label)))
    return float(np.mean(shares)) if shares and len(labels) > 1 else None


def _vector(encoded: Sequence[EncodedPhoto]) -> Floats:
    return encoded[0].embedding


def _agreement(
    old: tuple[Encoders, CoarseIndex],
    new: tuple[Encoders, CoarseIndex],
    same: Callable[[Labels], Labels],
    words: Sequence[str],
) -> float | None:
    labels = _all(new[1])
    if len(labels) < _FEWEST:
        return None
    shares = []
    for word in words:
        found = old[1].search(old[0].text_encoder.encode(word).embedding, _TOP)
        wanted = same(found.labels)
        places = np.searchsorted(labels, wanted[wanted >= 0])
        if len(places):
            scores = new[1].scores_of(new[0].text_encoder.encode(word).embedding, labels)
            shares.append(_share_below(scores, places))
    return float(np.mean(shares)) if shares else None


def _share_below(scores: Floats, places: Labels) -> float:
    """Of all other scores, how many lie below those at ``places``; of equal ones, half do."""
    others = np.delete(scores, places)
    if not len(others):
        return 1.0
    mine = scores[places][:, None]
    return float(np.mean((others < mine) + 0.5 * (others == mine)))


def _all(index: CoarseIndex) -> Labels:
    return index.labels()


def readable_copies(
    photos: dict[int, PhotoRecord], make: Callable[[PhotoRecord], Pixels]
) -> list[tuple[int, Pixels]]:
    """Labels and pixels of those photos of which a copy can be made."""
    found = []
    for label, photo in photos.items():
        try:
            found.append((label, make(photo)))
        except (PhotoError, NotFound) as error:
            log.debug("no copy of %r: %s", photo.path, error)
    return found
