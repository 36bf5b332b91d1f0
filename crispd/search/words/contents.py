"""The contents of photos that have words of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Doubles, Labels


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of n photos: ``labels`` int64 [m], ascending, and which one each photo has,
    ``of_photo`` [n].
    """

    labels: Labels
    of_photo: Labels

    @classmethod
    def of(cls, labels: Labels) -> Contents:
        """Of the labels [n] of photos, which come nearly in order."""
        rises = labels[1:] > labels[:-1]
        if rises.all():
            return cls(labels, np.arange(len(labels)))
        order = np.argsort(labels, kind="stable")
        ordered = labels[order]
        first = np.ones(len(labels), bool)
        first[1:] = ordered[1:] != ordered[:-1]
        of_photo = np.empty(len(labels), np.int64)
        of_photo[order] = np.cumsum(first) - 1
        return cls(ordered[first], of_photo)

    def highest(self, values: Doubles) -> Doubles:
        """float64 [m]: of the values [n] of each content's photos."""
        found = np.zeros(len(self.labels))
        np.maximum.at(found, self.of_photo, values)
        return found

    def places_of(self, labels: Labels) -> tuple[Labels, npt.NDArray[np.bool_]]:
        """Where labels [k] stand among the contents, and whether they do."""
        if not len(self.labels):
            return np.zeros(len(labels), np.int64), np.zeros(len(labels), bool)
        at = np.minimum(np.searchsorted(self.labels, labels), len(self.labels) - 1)
        return at, self.labels[at] == labels
