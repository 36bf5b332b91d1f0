"""Photos that the fine pack shall see: those that a search waits for, and those that came up."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import EncodedPhoto

_NEW_SHARE = 0.3  # of a mean of seconds a photo


class FineRequests:
    """Contents by hash. Thread-safe: searches ask and wait, one thread does the work.

    ``wake`` is set where there is something that a search waits for, or the work is to end.
    """

    def __init__(self) -> None:
        self.wake = threading.Event()
        self._changed = threading.Condition()
        self._urgent: dict[str, int] = {}  # how many searches wait for each
        self._came_up: dict[str, None] = {}
        self._settled: dict[str, EncodedPhoto | None] = {}
        self._seconds: float | None = None

    def came_up(self, contents: Sequence[str]) -> None:
        """Contents of a shortlist that were not seen yet, best first."""
        with self._changed:
            self._came_up.update(dict.fromkeys(contents))

    def wait(self, contents: Sequence[str], seconds: float) -> dict[str, EncodedPhoto]:
        """Wait for as many of the first as are likely to be done within ``seconds``; what was made
        of those that were seen by then: a search reads one view of the database, which has none of
        it. Nobody waits before it is known how long one takes.
        """
        end = time.monotonic() + seconds
        with self._changed:
            if not self._seconds or seconds <= 0:
                return {}
            wanted = list(contents[: int(seconds / self._seconds)])
            for content in wanted:
                self._urgent[content] = self._urgent.get(content, 0) + 1
            if wanted:
                self.wake.set()
            try:
                self._changed.wait_for(
                    lambda: self._settled.keys() >= set(wanted), end - time.monotonic()
                )
                found = {content: self._settled.get(content) for content in wanted}
                return {content: made for content, made in found.items() if made is not None}
            finally:
                for content in wanted:
                    self._urgent[content] -= 1
                    if not self._urgent[content]:
                        del self._urgent[content]
                        self._settled.pop(content, None)

    def next_urgent(self) -> str | None:
        """What a search waits for now."""
        with self._changed:
            self.wake.clear()
            return next((one for one in self._urgent if one not in self._settled), None)

    def settle(self, content: str, made: EncodedPhoto | None, seconds: float) -> None:
        """What was made of it in so many seconds; None: it cannot be seen."""
        with self._changed:
            if made is not None:
                before = seconds if self._seconds is None else self._seconds
                self._seconds = before + _NEW_SHARE * (seconds - before)
            if content in self._urgent:
                self._settled[content] = made
                self._changed.notify_all()

    def take_new(self) -> list[str]:
        """What came up since the last call, in order."""
        with self._changed:
            found, self._came_up = list(self._came_up), {}
        return found
