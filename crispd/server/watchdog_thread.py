"""The watchdog thread: it checks the service's health and notifies systemd.

It is a thread of its own because clients decide how long the event loop takes, and systemd must not
kill a busy service.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from crispd.service_facade import ServiceFacade
    from crispd.systemd.notify import Notifier

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
# A loop that has not turned once for so long hangs: the watchdog hears nothing more.
_HANGING_SECONDS = 300.0
_JOIN_SECONDS = 5.0


class WatchdogThread:
    """``on_death`` is called once, with a sentence and an exit code, when the service is not
    healthy.
    """

    def __init__(
        self,
        service: ServiceFacade,
        loop: asyncio.AbstractEventLoop,
        on_death: Callable[[str, int], None],
        manager: Notifier,
    ) -> None:
        self._house = service
        self._loop = loop
        self._on_death = on_death
        self._manager = manager
        self._ready = False
        self._turned = time.monotonic()
        self._asked = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crispd-lookout", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            while self._look() and not self._over.wait(self._pause()):
                pass
        except Exception:  # a thread's top: nobody would look after the house any more
            log.exception("the health of crispd cannot be told")
            self._on_death("its health cannot be told; the log says why.", 1)

    def _look(self) -> bool:
        """Whether to go on."""
        health = self._house.health()
        if not health.ok:
            self._on_death("; ".join(health.reasons), 1)
            return False
        if not self._ready and self._house.readiness().ok:
            self._ready = True
            self._manager.ready()
        if self._turns():
            self._manager.alive()
        return True

    def _turns(self) -> bool:
        """Whether the loop goes on, however slowly: it is asked to note the time of a turn."""
        if not self._asked:
            self._asked = True
            self._loop.call_soon_threadsafe(self._note)
        return time.monotonic() - self._turned < _HANGING_SECONDS

    def _note(self) -> None:
        self._turned = time.monotonic()
        self._asked = False

    def _pause(self) -> float:
        """Often enough for a watchdog, which waits for at least two looks."""
        return min(_LOOK_SECONDS, (self._manager.watchdog_seconds or _LOOK_SECONDS * 3) / 3)
