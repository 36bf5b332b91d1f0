"""A union-find over photos: which ones belong together, and which are compared."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from crispd.types import Labels

_FIRST = 1024


class UnionFind:
    """A forest over labels, which are never used again. Thread-safe.

    A group keeps together what a label joined that is gone: versions of one photo stay versions.
    """

    def __init__(self) -> None:
        self._checked: npt.NDArray[np.bool_] = np.zeros(_FIRST, bool)
        # compared with all but somebody whose picture could not be had: anew in the next process
        self._postponed: set[int] = set()
        self._parents: dict[int, int] = {}
        # labels in a group, ascending, and the first of each; None where that is out of date
        self._flat: tuple[Labels, Labels] | None = None
        self._lock = threading.Lock()

    def unchecked(self, live: Labels) -> Labels:
        """Those of the live labels, ascending, that were not compared yet.

        What is not live counts as not compared: when it comes back, it has missed others.
        """
        with self._lock:
            self._reserve(live)
            known = self._checked[live]
            self._checked = np.zeros_like(self._checked)
            self._checked[live[known]] = True
            return live[~known]

    def checked(self, live: Labels) -> int:
        """How many of the live labels were compared."""
        with self._lock:
            inside = live[live < len(self._checked)]
            return int(np.count_nonzero(self._checked[inside]))

    def check(self, labels: Labels) -> None:
        """They have been compared."""
        with self._lock:
            self._reserve(labels)
            self._checked[labels] = True

    def postpone(self, label: int) -> None:
        """It could not be compared with somebody now; ``compared`` does not have it."""
        with self._lock:
            self._postponed.add(label)

    def _reserve(self, labels: Labels) -> None:
        wanted = int(labels.max()) + 1 if len(labels) else 0
        if wanted > len(self._checked):
            more = max(wanted, 2 * len(self._checked)) - len(self._checked)
            self._checked = np.concatenate([self._checked, np.zeros(more, bool)])

    def join(self, one: int, other: int) -> None:
        """They belong together, and so do their groups."""
        with self._lock:
            first, second = sorted((self._root(one), self._root(other)))
            if first != second:
                self._parents[second] = first
                self._flat = None

    def _root(self, label: int) -> int:
        """The smallest label of a group. What lies on the way points to it from now on."""
        way = []
        while (parent := self._parents.get(label, label)) != label:
            way.append(label)
            label = parent
        self._parents.update(dict.fromkeys(way, label))
        return label

    def roots(self, labels: Labels) -> Labels:
        """int64 [n]: the first label of each one's group, itself where it is alone."""
        members, firsts = self.flat()
        if not len(members):
            return labels.copy()
        place = np.minimum(np.searchsorted(members, labels), len(members) - 1)
        return np.where(members[place] == labels, firsts[place], labels)

    def flat(self) -> tuple[Labels, Labels]:
        """Labels of all groups, ascending, and the first of each one's group; int64 [m] each."""
        with self._lock:
            if self._flat is None:
                members = sorted({*self._parents, *self._parents.values()})
                firsts = [self._root(label) for label in members]
                self._flat = np.array(members, np.int64), np.array(firsts, np.int64)
            return self._flat

    def compared(self) -> Labels:
        """Labels that were compared with all that are like them, ascending."""
        with self._lock:
            checked = np.flatnonzero(self._checked).astype(np.int64)
            return checked[~np.isin(checked, sorted(self._postponed))]

    def take(self, compared: Labels, members: Labels, firsts: Labels) -> None:
        """Be what ``compared`` and ``flat`` said once."""
        self.check(compared)
        for label, first in zip(members.tolist(), firsts.tolist(), strict=True):
            self.join(label, first)
