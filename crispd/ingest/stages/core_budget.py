"""Sharing of cores between decoders and encoders, by what each has to do."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class CoreBudget:
    """As many threads compute at a time as there are cores, however many wait for files.
    Thread-safe.

    Encoders go first: decoders fill the line in front of them, so neither starves. Who holds cores
    waits for nothing that another needs cores for.

    ``decoders``: threads that have a photo to decode.
    """

    def __init__(self, cores: int) -> None:
        self._cores = self._free = cores
        self.encoders_waiting = self.decoders = 0
        self._changed = threading.Condition()

    @contextmanager
    def encoding(self, cores: int) -> Iterator[None]:
        """Held while a batch is encoded on so many cores."""
        cores = min(cores, self._cores)
        with self._changed:
            self.encoders_waiting += 1
            self._changed.wait_for(lambda: self._free >= cores)
            self.encoders_waiting -= 1
            self._free -= cores
        try:
            yield
        finally:
            self._give_back(cores)

    @contextmanager
    def decoding(self) -> Iterator[Callable[[], None]]:
        """Held while a photo is decoded; what it gives is called where that begins to compute."""
        held = 0
        with self._changed:
            self.decoders += 1

        def begin() -> None:
            nonlocal held
            if held:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._free and not self.encoders_waiting)
                self._free -= 1
            held = 1

        try:
            yield begin
        finally:
            with self._changed:
                self.decoders -= 1
            self._give_back(held)

    def _give_back(self, cores: int) -> None:
        if cores:
            with self._changed:
                self._free += cores
                self._changed.notify_all()
