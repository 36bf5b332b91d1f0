"""Server-sent events with the status of the service."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from crispd.api.schemas import status_response
from crispd.errors import CrispdError, Overloaded
from crispd.http.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from crispd.service_facade import ServiceFacade
    from crispd.types import ServiceStatus

POLL_SECONDS = 1.0
# Shorter than the minute after which proxies and routers forget a connection that says nothing.
HEARTBEAT_SECONDS = 15.0
# Each holds a connection; a family has fewer screens.
MAX_WATCHERS = 64
_HEARTBEAT = b": still here\n\n"
_RETRY = b"retry: 2000\n\n"


class EventStream:
    """One stream of status for all listeners: the service is read at most once a second, and not at
    all without listeners.

    Belongs to the event loop. ``close`` ends every stream at once: a server that stops waits for
    its connections.
    """

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._watchers: dict[asyncio.Queue[bytes | None], Callable[[], bool]] = {}
        self._polling: asyncio.Task[None] | None = None
        self._latest: bytes | None = None
        self._closed = False

    def watch(
        self, service: ServiceFacade, allowed: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[bytes]:
        """Events as bytes, the present state first, while it is ``allowed``. Raises Overloaded."""
        if len(self._watchers) >= MAX_WATCHERS:
            raise Overloaded(f"{MAX_WATCHERS} pages watch already. Ask /status now and then.")
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        return self._stream(service, queue, allowed)

    def close(self) -> None:
        """End every stream, now and to come."""
        self._closed = True
        for queue in self._watchers:
            _put(queue, None)
        if self._polling is not None:
            self._polling.cancel()

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    async def _stream(
        self,
        service: ServiceFacade,
        queue: asyncio.Queue[bytes | None],
        allowed: Callable[[], bool],
    ) -> AsyncIterator[bytes]:
        self._watchers[queue] = allowed
        try:
            yield _RETRY
            if self._polling is None or self._polling.done():
                self._latest = None
                self._polling = asyncio.create_task(self._poll(service), name="crispd-feed")
            elif self._latest is not None:
                yield self._latest
            while not self._closed:
                try:
                    event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    event = _HEARTBEAT
                if event is None:
                    return
                yield event
        finally:
            self._watchers.pop(queue, None)

    async def _poll(self, service: ServiceFacade) -> None:
        seen: ServiceStatus | None = None
        while self._watchers and not self._closed:
            try:
                status = await in_thread(service.status)
            except CrispdError:
                pass  # it starts or stops; whoever watches sees that it says nothing
            else:
                if seen is None or _steady(status) != _steady(seen):
                    seen, self._latest = status, _event(status)
                    for queue in self._watchers:
                        _put(queue, self._latest)
            for queue, allowed in self._watchers.items():
                if not allowed():
                    _put(queue, None)  # instead of what was just put there
            await asyncio.sleep(self._poll_seconds)


def _put(queue: asyncio.Queue[bytes | None], event: bytes | None) -> None:
    """The latest counts: what a slow reader did not fetch is replaced."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)


def _steady(status: ServiceStatus) -> ServiceStatus:
    """Without what changes all the time."""
    return replace(status, uptime_seconds=0.0, memory_mb=None)


def _event(status: ServiceStatus) -> bytes:
    told = asdict(status_response(status))
    return f"event: status\ndata: {json.dumps(told)}\n\n".encode()
