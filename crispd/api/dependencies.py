"""Request dependencies: typed state that the lifespan hands to every request, without globals."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypedDict, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from crispd.api.metrics import Metrics
from crispd.auth.access_control import AccessControl, Caller
from crispd.auth.request_origin import RequestOrigin
from crispd.errors import NotReady, Overloaded
from crispd.http.uploads import UploadSlots
from crispd.service_facade import ServiceFacade

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.api.event_stream import EventStream
    from crispd.types import ResultPage

P = ParamSpec("P")
T = TypeVar("T")

_WORKERS = 4
_WAITING = 32


class SearchPool:
    """A pool of threads for searches. It refuses work at once if its queue is full."""

    def __init__(self, metrics: Metrics, workers: int = _WORKERS, waiting: int = _WAITING) -> None:
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="crispd-search")
        self._places = threading.BoundedSemaphore(workers + waiting)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a blocking call. Raises Overloaded, or NotReady when closed."""
        if not self._places.acquire(blocking=False):
            raise Overloaded("Too many searches at once. Try again in a moment.")
        try:
            future = self._pool.submit(call, *args, **kwargs)
        except RuntimeError as error:
            self._places.release()
            raise NotReady("crispd is stopping.") from error
        # When the search ends, not when its caller does: callers may leave before.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    async def answer(
        self, call: Callable[P, ResultPage], *args: P.args, **kwargs: P.kwargs
    ) -> ResultPage:
        """The same for a search; how long it took is noted."""
        answer = await self.run(call, *args, **kwargs)
        self._metrics.answered(answer)
        return answer

    async def answer_as(
        self,
        form: Callable[[ResultPage], T],
        call: Callable[P, ResultPage],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The same in another form, which is made in the thread of the search, too. How long it
        waited for one is among its times.
        """
        asked = time.perf_counter()

        def formed(*args: P.args, **kwargs: P.kwargs) -> tuple[ResultPage, T]:
            waited = 1000 * (time.perf_counter() - asked)
            answer = call(*args, **kwargs).after(wait=waited)
            return answer, form(answer)

        answer, found = await self.run(formed, *args, **kwargs)
        self._metrics.answered(answer)
        return found

    def close(self) -> None:
        """Let what runs finish, start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class AppState(TypedDict):
    """Keys of ``request.state``."""

    service: ServiceFacade
    searches: SearchPool
    pictures: anyio.CapacityLimiter
    probes: anyio.CapacityLimiter
    workers: anyio.CapacityLimiter
    downloads: asyncio.Semaphore
    uploads: UploadSlots
    metrics: Metrics
    access_control: AccessControl
    feed: EventStream


# Asynchronous though they wait for nothing: FastAPI hands others to a thread, each.
async def _service(request: Request) -> ServiceFacade:
    service: ServiceFacade = request.state.service
    return service


async def _searches(request: Request) -> SearchPool:
    searches: SearchPool = request.state.searches
    return searches


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.state.metrics
    return metrics


async def _pictures(request: Request) -> anyio.CapacityLimiter:
    pictures: anyio.CapacityLimiter = request.state.pictures
    return pictures


async def _probes(request: Request) -> anyio.CapacityLimiter:
    probes: anyio.CapacityLimiter = request.state.probes
    return probes


async def _workers(request: Request) -> anyio.CapacityLimiter:
    workers: anyio.CapacityLimiter = request.state.workers
    return workers


async def _uploads(request: Request) -> UploadSlots:
    uploads: UploadSlots = request.state.uploads
    return uploads


async def _access_control(request: Request) -> AccessControl:
    access_control: AccessControl = request.state.access_control
    return access_control


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _request_origin(request: Request) -> RequestOrigin:
    client: RequestOrigin = request.state.client
    return client


ServiceDep = Annotated[ServiceFacade, Depends(_service)]
SearchesDep = Annotated[SearchPool, Depends(_searches)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
PicturesDep = Annotated[anyio.CapacityLimiter, Depends(_pictures)]
ProbesDep = Annotated[anyio.CapacityLimiter, Depends(_probes)]
WorkersDep = Annotated[anyio.CapacityLimiter, Depends(_workers)]
UploadsDep = Annotated[UploadSlots, Depends(_uploads)]
AccessControlDep = Annotated[AccessControl, Depends(_access_control)]
CallerDep = Annotated[Caller, Depends(_caller)]
RequestOriginDep = Annotated[RequestOrigin, Depends(_request_origin)]
