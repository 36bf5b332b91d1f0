"""The start of a service beside the imports of what serves it.

Imports nothing large: FastAPI and the routes take as long to import as a library to open.
"""

from __future__ import annotations

import contextlib
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from crispd.server.listening import listening_sockets

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from crispd.service_facade import ServiceFacade


class EarlyStart:
    """A service that listens, and opens its data in a thread, from ``with`` on.

    ``sockets``: its own from the beginning, so that a second crispd on a port that is taken opens
    nothing. Raises ConfigError. SIGTERM and SIGINT are kept for ``on_stop``: a start that is broken
    off would be an unclean end to the next one.
    """

    def __init__(self, service: ServiceFacade, host: str, port: int) -> None:
        self.service = service
        self.sockets: list[socket.socket] = listening_sockets(host, port)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="crispd-start")
        self._outcome: Future[None] | None = None
        self._stop_asked = False
        self._stop: Callable[[], None] | None = None

    def __enter__(self) -> EarlyStart:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        self._outcome = self._thread.submit(self.service.start)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Whoever serves has stopped the service. Where nobody came to that, it is closed here."""
        if error is not None:
            with contextlib.suppress(Exception):  # what is told is why it came to this
                self.wait()
                self.service.stop()
        self._thread.shutdown(wait=False)
        for sock in self.sockets:
            sock.close()

    def wait(self) -> None:
        """Until the service is searchable. Raises what its start raised."""
        if self._outcome is not None:
            self._outcome.result()

    def on_stop(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` at a signal, at once where one came already."""
        self._stop = stop
        if self._stop_asked:
            stop()

    def _ask_to_stop(self, *_: object) -> None:
        self._stop_asked = True
        if self._stop is not None:
            self._stop()
