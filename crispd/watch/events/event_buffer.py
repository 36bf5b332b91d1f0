"""A buffer between a library's event thread and crispd's."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

Event = TypeVar("Event")


class EventBuffer(Generic[Event]):
    """A bounded buffer. Thread-safe; writers never wait.

    ``most``: events that may wait. Further ones are dropped, and one ``overflow`` replaces them.
    """

    def __init__(self, most: int, overflow: Event) -> None:
        self._most = most
        self._overflow = overflow
        self._events: deque[Event] = deque()
        self._woken = False
        self._changed = threading.Condition()

    def put(self, event: Event) -> None:
        """Add an event, or note that it is lost."""
        with self._changed:
            if len(self._events) < self._most:
                self._events.append(event)
            elif len(self._events) == self._most:
                self._events.append(self._overflow)
            self._changed.notify()

    def take(self, timeout: float) -> list[Event]:
        """All that waits, in order; empty after ``timeout`` seconds or when woken."""
        with self._changed:
            if not self._events and not self._woken:
                self._changed.wait(timeout)
            found = list(self._events)
            self._events.clear()
            self._woken = False
        return found

    def wake(self) -> None:
        """End a ``take`` that waits, from another thread."""
        with self._changed:
            self._woken = True
            self._changed.notify()
