"""What the lifespan hands to every request: typed, no globals."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypedDict, TypeVar

import anyio.to_thread
from fastapi import Depends, Request

from crispd.api.facade import House
from crispd.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_WORKERS = 4
_WAITING = 32


class SearchPool:
    """Searches run in a few threads of their own; a queue beyond reason is refused at once."""

    def __init__(self, workers: int = _WORKERS, waiting: int = _WAITING) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="crispd-search")
        self._most = workers + waiting
        self._running = 0

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a blocking call. Raises Overloaded."""
        if self._running >= self._most:
            raise Overloaded("Too many searches at once. Try again in a moment.")
        self._running += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, lambda: call(*args, **kwargs))
        finally:
            self._running -= 1

    def close(self) -> None:
        """Let what runs finish, start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class State(TypedDict):
    """Keys of ``request.state``."""

    house: House
    searches: SearchPool


def _house(request: Request) -> House:
    house: House = request.state.house
    return house


def _searches(request: Request) -> SearchPool:
    searches: SearchPool = request.state.searches
    return searches


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call beside the event loop."""
    return await anyio.to_thread.run_sync(lambda: call(*args, **kwargs))


HouseDep = Annotated[House, Depends(_house)]
SearchesDep = Annotated[SearchPool, Depends(_searches)]
