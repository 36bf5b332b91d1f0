"""The choice of a pack: one row of the database, whoever asks and whether crispd runs or not."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import Conflict, NotFound

if TYPE_CHECKING:
    from crispd.pack_switch.places import PackPlaces
    from crispd.store.pack_vectors import PackChoice, PackVectors


class PackChooser:
    """``setting``: the pack that the settings name. Thread-safe; ``lock`` is held for each change,
    also by others who change the row.
    """

    def __init__(self, vectors: PackVectors, places: PackPlaces, setting: str = "") -> None:
        self._vectors = vectors
        self.places = places
        self._setting = setting
        self.lock = threading.Lock()

    def choice(self) -> PackChoice:
        """As it stands. Raises StorageError."""
        return self._vectors.choice()

    def coverage(self, pack: str) -> tuple[int, int]:
        """How many photos have vectors of a pack, and how many there are. Raises StorageError."""
        return self._vectors.coverage(pack)

    def use(self, place: str) -> PackChoice:
        """A pack by its name or folder shall answer; before any did, it does from the next start
        on. Raises PackError or Conflict.
        """
        wanted = self.places.named(place)
        with self.lock:
            choice = self._vectors.choice()
            if choice.active is None:
                return self._choose(replace(choice, active=wanted, setting=self._setting))
            if choice.active.id == wanted.id:
                raise Conflict(f"{wanted.id} answers already.")
            trusted = choice.previous is not None and choice.previous.id == wanted.id
            return self._choose(replace(choice, target=wanted, trusted=trusted, refused=None))

    def back(self) -> PackChoice:
        """The pack that answered before shall again; one that is on its way is given up. Raises
        NotFound.
        """
        with self.lock:
            choice = self._vectors.choice()
            if choice.target is not None:
                return self._choose(replace(choice, target=None, trusted=False))
            if choice.previous is None:
                raise NotFound("No other pack has answered here, so there is none to go back to.")
            self.places.files_of(choice.previous)
            return self._choose(replace(choice, target=choice.previous, trusted=True, refused=None))

    def _choose(self, choice: PackChoice) -> PackChoice:
        self._vectors.choose(choice)
        return choice
