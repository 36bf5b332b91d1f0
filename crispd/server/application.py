"""The ASGI application: routes, state, start and stop."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from crispd.api import openapi
from crispd.api.dependencies import AppState, SearchPool
from crispd.api.event_stream import EventStream
from crispd.api.metrics import CountingMiddleware, Metrics
from crispd.api.routes import (
    archives,
    devices,
    duplicates,
    encode,
    packs,
    people,
    photos,
    places,
    search,
    shares,
    suggestions,
    system,
    text,
)
from crispd.auth.access_control import AccessControl
from crispd.auth.access_policy import AccessPolicy
from crispd.auth.middleware import AuthMiddleware
from crispd.auth.scopes import Operations
from crispd.auth.tokens import Signer
from crispd.errors import CrispdError, outcome_of
from crispd.http import problem_details
from crispd.http.query_parameters import refuse_unknown
from crispd.http.request_middleware import RequestMiddleware
from crispd.http.threads import in_thread
from crispd.http.uploads import UploadSlots
from crispd.server.watchdog_thread import WatchdogThread
from crispd.systemd.notify import Notifier
from crispd.webui import asset_routes, pairing_routes, start_routes
from crispd.webui.asset_edition import AssetStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from crispd.server.tls import TlsCertificates
    from crispd.service_facade import ServiceFacade

log = logging.getLogger(__name__)

_NOTE_SECONDS = 600.0
# Pictures larger than the kept thumbnail are rendered from the original: a hundred megapixels
# each, so only a few at a time.
_PICTURES_AT_ONCE = 4
# Of so many originals a piece is sent in one turn of the event loop, 128 kB each.
_PIECES_A_TURN = 4
# Probes find threads of their own, whatever those of other calls wait for.
_PROBES_AT_ONCE = 2
# Calls of workers wait for photos, and so do their threads.
_WORKERS_AT_ONCE = 16
# Pictures that are sent are held in memory.
_UPLOADS_AT_ONCE = 4
# FastAPI can trace requests for whoever configures OpenTelemetry, with the words searched for in
# the spans. Nothing leaves this house, whatever its environment says.
_NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}

DESCRIPTION = """Find the photos of your house by describing them.

Errors are `application/problem+json`. Unknown parameters are refused with the known ones."""


def create_app(
    service: ServiceFacade,
    version: str,
    on_death: Callable[[str, int], None],
    manager: Notifier | None = None,
    access_control: AccessControl | None = None,
    tls: TlsCertificates | None = None,
    feed: EventStream | None = None,
    *,
    start: Callable[[], None] | None = None,
    immich: bool = False,
    max_upload_mb: float = 20,
) -> FastAPI:
    """The HTTP face of ``house``, which is started and stopped with it.

    ``door``: who may ask what; without it, programs on this machine everything. ``tls``: is kept
    fresh meanwhile. ``start``: waits for a start that has begun, instead of beginning one.
    ``immich``: a part of Immich's API is answered, too.
    Whoever stops a server closes its ``feed`` first, for streams without an end.

    ``/healthz`` answers while the house is still starting. ``on_death`` is called with a sentence
    and an exit code when it cannot start or a thread that must live has died. ``manager`` hears
    that the house is ready, and then again and again that it is well.
    """
    metrics = Metrics(service)
    watched_by = manager or Notifier(None)

    access_control = access_control or AccessControl(
        AccessPolicy(), lambda: service.devices, Signer(secrets.token_bytes(32))
    )
    feed = feed or EventStream()
    uploads = UploadSlots(int(max_upload_mb * 2**20), _UPLOADS_AT_ONCE)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[AppState]:
        searches = SearchPool(metrics)
        starting = asyncio.create_task(
            _start(start or service.start, access_control, on_death), name="crispd-start"
        )
        life = asyncio.create_task(
            _live(service, starting, on_death, watched_by), name="crispd-life"
        )
        fresh = asyncio.create_task(tls.keep_fresh(), name="crispd-tls") if tls else None
        noting = asyncio.create_task(_note_use(access_control, starting), name="crispd-devices")
        try:
            pictures = anyio.CapacityLimiter(_PICTURES_AT_ONCE)
            yield AppState(
                service=service,
                searches=searches,
                pictures=pictures,
                downloads=asyncio.Semaphore(_PIECES_A_TURN),
                probes=anyio.CapacityLimiter(_PROBES_AT_ONCE),
                workers=anyio.CapacityLimiter(_WORKERS_AT_ONCE),
                uploads=uploads,
                metrics=metrics,
                access_control=access_control,
                feed=feed,
            )
        finally:
            feed.close()
            life.cancel()
            noting.cancel()
            if fresh is not None:
                fresh.cancel()
            # A start cannot be broken off, and stopping beside it would leave half of it running.
            await asyncio.wait([starting, life, noting])
            searches.close()
            await _stop(service, on_death)

    app = FastAPI(
        title="crispd",
        version=version,
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown)],
        # FastAPI's pages for people load their scripts from another host; this house asks none.
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.state.assets = AssetStore()
    modules = [
        search, suggestions, duplicates, places, people, photos, text, archives, system,
        packs, encode, devices, shares,
        start_routes, asset_routes, pairing_routes,
    ]  # fmt: skip
    if immich:  # imported where it is wanted, which is seldom
        from crispd.api.routes import immich as immich_module

        modules.append(immich_module)
    routes = [route for module in modules for route in module.router.routes]
    problem_details.install(app, routes)
    for module in modules:
        app.include_router(module.router)
    openapi.describe(app)
    app.add_middleware(AuthMiddleware, access_control=access_control, operations=Operations(routes))
    if access_control.rules.origins:
        app.add_middleware(CORSMiddleware, **_cors(access_control.rules))
    app.add_middleware(RequestMiddleware, uploads=uploads)
    app.add_middleware(CountingMiddleware, metrics=metrics)
    return app


def _cors(rules: AccessPolicy) -> dict[str, Any]:
    """Listed origins, with a token: a cookie is for crispd's own page."""
    return {
        "allow_origins": sorted(rules.origins),
        "allow_methods": ["GET", "HEAD", "POST", "DELETE"],
        "allow_headers": ["Authorization", "X-Api-Key", "Content-Type", "Range", "If-None-Match"],
        "expose_headers": ["ETag", "Content-Range", "Retry-After"],
    }


async def _start(
    start: Callable[[], None], access_control: AccessControl, on_death: Callable[[str, int], None]
) -> bool:
    """Whether the house stands. Never raises: what went wrong is told to ``on_death``."""
    try:
        await in_thread(start)
        await in_thread(access_control.load)
    except CrispdError as error:
        on_death(str(error), outcome_of(error).exit_code)
    except Exception:  # a task's top: it would die unseen
        log.exception("crispd could not start")
        on_death("crispd could not start; the log says why.", 1)
    else:
        return True
    return False


async def _live(
    service: ServiceFacade,
    starting: asyncio.Task[bool],
    on_death: Callable[[str, int], None],
    manager: Notifier,
) -> None:
    """Once the house stands, have it looked after until this task is cancelled."""
    if not await asyncio.shield(starting):
        return
    lookout = WatchdogThread(service, asyncio.get_running_loop(), on_death, manager)
    lookout.start()
    try:
        await asyncio.Event().wait()
    finally:
        lookout.stop()


async def _note_use(access_control: AccessControl, starting: asyncio.Task[bool]) -> None:
    """Now and then, and at the end, write down when devices were last heard of."""
    if not await asyncio.shield(starting):
        return
    ending = False
    while not ending:
        try:
            await asyncio.sleep(_NOTE_SECONDS)
        except asyncio.CancelledError:
            ending = True
        times = access_control.drain_last_used()
        try:
            await in_thread(access_control.store_last_used, times)
        except CrispdError as error:  # a full disk: it does not matter that much
            log.info("when devices were last heard of could not be written: %s", error)


async def _stop(service: ServiceFacade, on_death: Callable[[str, int], None]) -> None:
    try:
        await in_thread(service.stop)
    except Exception:  # the server would swallow it and end as if all were well
        log.exception("crispd could not stop in order")
        on_death("it could not stop in order.", 1)
