"""The pause policy: by hand, quiet hours, heat, or a full disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crispd.platform.processor import highest_temperature
from crispd.types import Note

if TYPE_CHECKING:
    from collections.abc import Callable

_COOLED = 3.0  # degrees below the limit before work goes on, or it would start and stop all day
_LOOK_SECONDS = 5.0
_LOOK_AT_DISK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the day, local time: from ``start`` up to ``end``, over midnight too."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> QuietHours | None:
        """ "22:00-07:00"; None for an empty text. Raises ValueError."""
        if not text.strip():
            return None
        first, dash, last = text.partition("-")
        if not dash:
            raise ValueError("two times with a dash between are expected, such as 22:00-07:00")
        return cls(_minutes(first), _minutes(last))

    def contains(self, minute: int) -> bool:
        """Whether a minute of the day is one of them; equal ends mean all day."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


def _minutes(text: str) -> int:
    moment = datetime.strptime(text.strip(), "%H:%M")  # noqa: DTZ007 - a time of any day
    return moment.hour * 60 + moment.minute


class PausePolicy:
    """Whether indexing should wait, and why. Thread-safe: each part is one assignment.

    ``limit`` in degrees Celsius, 0 for none. ``scarcity`` returns a reason if the disk is too full.
    """

    def __init__(
        self,
        quiet: QuietHours | None = None,
        limit: float = 0.0,
        *,
        scarcity: Callable[[], str | None] = lambda: None,
        temperature: Callable[[], float | None] = highest_temperature,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.by_hand = False
        self._quiet = quiet
        self._limit = limit
        self._temperature = temperature
        self._now = now
        self._scarcity = scarcity
        self._scarce: str | None = None
        self._next_look_at_disk = 0.0
        self._hot: float | None = None
        self._next_look = 0.0

    def why(self) -> Note | None:
        """A sentence for people; None where there is no reason to wait."""
        if self.by_hand:
            sentence = "Indexing is paused. crispd resume, or POST /indexing/resume, goes on."
            return Note(sentence, "paused")
        if self._is_full():
            return Note(self._scarce or "", "disk_full")
        if self._is_quiet():
            return Note("Indexing waits for the end of the quiet hours.", "quiet_hours")
        self._look_at_sensors()
        if self._hot is not None:
            sentence = (
                f"Indexing waits for the machine to cool: {self._hot:.0f} of {self._limit:.0f} °C."
            )
            return Note(sentence, "hot")
        return None

    def _is_quiet(self) -> bool:
        if self._quiet is None:
            return False
        now = self._now()
        return self._quiet.contains(now.hour * 60 + now.minute)

    def _is_full(self) -> bool:
        if time.monotonic() >= self._next_look_at_disk:
            self._next_look_at_disk = time.monotonic() + _LOOK_AT_DISK_SECONDS
            self._scarce = self._scarcity()
        return self._scarce is not None

    def _look_at_sensors(self) -> None:
        if not self._limit or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_SECONDS
        degrees = self._temperature()
        enough = self._limit - (_COOLED if self._hot is not None else 0.0)
        self._hot = degrees if degrees is not None and degrees >= enough else None
