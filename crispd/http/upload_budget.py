"""The memory budget of uploads in progress.

A form is read before anything is done with it, so a sender that is slow keeps nobody from his turn;
it only holds the bytes that came. Where there is no room for more, the form that was begun first is
given up: it had the most time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

from crispd.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Iterator


class UploadReservation:
    """The reservation of one upload; ``scope`` is cancelled if it is given up."""

    def __init__(self, memory: UploadBudget) -> None:
        self.scope = anyio.CancelScope()
        self.bytes = 0
        self._memory = memory

    def grow(self, count: int) -> None:
        """So many bytes more. Raises Overloaded where this is the form that has to go."""
        self.bytes += count
        self._memory.make_room()
        self.refuse_if_given_up()

    def refuse_if_given_up(self) -> None:
        """Raise Overloaded for a form that others had to make room for."""
        if self.scope.cancel_called:
            raise Overloaded("Too many pictures at once. Try again in a moment.")


class UploadBudget:
    """Belongs to the event loop. ``most``: bytes of all forms together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._read: list[UploadReservation] = []
        self._arriving: list[UploadReservation] = []  # the one that was begun first leads

    @contextmanager
    def form(self) -> Iterator[UploadReservation]:
        """Held until its answer is known."""
        made = UploadReservation(self)
        self._arriving.append(made)
        try:
            yield made
        finally:
            self._forget(made)

    def arrived(self, form: UploadReservation) -> None:
        """All of it is here: it is not given up any more."""
        if form in self._arriving:
            self._arriving.remove(form)
            self._read.append(form)

    def make_room(self) -> None:
        """Give forms up until the rest fits."""
        while self._arriving and self._held() > self._most:
            self._arriving.pop(0).scope.cancel()

    def _held(self) -> int:
        return sum(form.bytes for form in (*self._read, *self._arriving))

    def _forget(self, form: UploadReservation) -> None:
        for forms in (self._read, self._arriving):
            if form in forms:
                forms.remove(form)
