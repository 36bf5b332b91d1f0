"""The application: routes, state, and what happens when the service starts and dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI, Request

from crispd.api import house_routes, photo_routes, problems, search_routes, start_page
from crispd.api.parameters import refuse_unknown
from crispd.api.state import SearchPool, State, in_thread
from crispd.errors import CrispdError, outcome_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from fastapi.responses import Response

    from crispd.api.facade import House

log = logging.getLogger(__name__)
access = logging.getLogger("crispd.access")

_LOOK_SECONDS = 2.0

DESCRIPTION = """Find the photos of your house by describing them.

Errors are `application/problem+json`. Unknown parameters are refused with the known ones."""


def create_app(house: House, version: str, on_death: Callable[[str, int], None]) -> FastAPI:
    """The HTTP face of ``house``, which is started and stopped with it.

    ``/healthz`` answers while the house is still starting. ``on_death`` is called with a sentence
    and an exit code when it cannot start or a thread that must live has died.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        searches = SearchPool()
        life = asyncio.create_task(_live(house, on_death), name="crispd-life")
        try:
            yield State(house=house, searches=searches)
        finally:
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life
            searches.close()
            await in_thread(house.stop)

    app = FastAPI(
        title="crispd",
        version=version,
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown)],
        # FastAPI's pages for people load their scripts from another host; this house asks none.
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    for module in (search_routes, photo_routes, house_routes, start_page):
        app.include_router(module.router)
    app.middleware("http")(_log_access)
    return app


async def _live(house: House, on_death: Callable[[str, int], None]) -> None:
    """Start the house, then look after it."""
    try:
        await in_thread(house.start)
    except CrispdError as error:
        on_death(str(error), outcome_of(error).exit_code)
        return
    except Exception:  # a task's top: it would die unseen
        log.exception("crispd could not start")
        on_death("crispd could not start; the log says why.", 1)
        return
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        health = await in_thread(house.health)
        if not health.ok:
            on_death("; ".join(health.reasons), 1)
            return


async def _log_access(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """One line a request, without the query: what people look for is nobody's business."""
    started = time.perf_counter()
    response = await call_next(request)
    took = (time.perf_counter() - started) * 1000
    access.info("%s %s %d %.0f ms", request.method, request.url.path, response.status_code, took)
    return response
