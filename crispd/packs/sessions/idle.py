"""Holding what is large only while it is used."""

from __future__ import annotations

import threading
import time
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from crispd.platform.memory import give_back_freed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class IdleRelease(Generic[T]):
    """What ``make`` gives, made when it is first used and let go of after ``seconds`` without use;
    0: never. Thread-safe; who comes while it is made waits.
    """

    def __init__(self, make: Callable[[], T], seconds: float) -> None:
        self._make = make
        self._seconds = self._keep = seconds
        self._held: T | None = None
        self._users = 0
        self._used = 0.0
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @property
    def is_held(self) -> bool:
        """Whether it takes memory now."""
        with self._lock:
            return self._held is not None

    @contextmanager
    def using(self, keep: float | None = None) -> Iterator[T]:
        """It is kept until the end, and for a while after: for ``keep`` seconds, where that is
        less. Raises what ``make`` raises.
        """
        with self._lock:
            if self._held is None:
                self._held = self._make()
            held = self._held
            self._users += 1
        try:
            yield held
        finally:
            with self._lock:
                self._users -= 1
                self._used = time.monotonic()
                self._keep = self._seconds if keep is None else min(keep, self._seconds)
                self._wait(self._keep)

    def _wait(self, seconds: float) -> None:
        """One timer at a time, however often it is used: a thread for every batch would be dear."""
        if self._seconds and self._timer is None:
            # by a weak reference: what is dropped goes at once, and its timer with it
            self._timer = threading.Timer(seconds, _look, [weakref.ref(self)])
            self._timer.name = "crispd-idle-model"
            self._timer.daemon = True
            self._timer.start()

    def __del__(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def look(self) -> None:
        """Let go of it if its time is over."""
        with self._lock:
            self._timer = None
            left = self._used + self._keep - time.monotonic()
            if self._held is None:
                return
            if self._users or left > 0:
                self._wait(max(left, 0.1))
                return
            self._held = None
        give_back_freed()


def _look(reference: weakref.ref[IdleRelease[Any]]) -> None:
    held = reference()
    if held is not None:
        held.look()
