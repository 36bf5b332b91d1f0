"""Routes of the service's state: ``/folders``, ``/problems``, ``/status`` and health."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import AccessControlDep, CallerDep, MetricsDep, ProbesDep, ServiceDep
from crispd.api.schemas import (
    Folders,
    HealthResponse,
    Paused,
    Problems,
    Started,
    folder_response,
    problem_response,
    status_response,
)
from crispd.http.problem_details import problem, responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread, in_turn
from crispd.types import HealthReport, ServiceStatus

router = APIRouter(tags=["house"], route_class=JsonRoute)

_MOST_PROBLEMS = 1000
_LONGEST_PATH = 4096  # PATH_MAX of Linux


@router.get("/folders", operation_id="getFolders")
async def folders(service: ServiceDep) -> Folders:
    """Each watched folder: whether it is online, how it is watched, what is in it."""
    return Folders(folders=[folder_response(item) for item in await in_thread(service.folders)])


@router.post("/folders/rescan", status_code=202, operation_id="rescanFolders")
async def rescan(service: ServiceDep) -> Started:
    """Start a scan of every folder now."""
    return Started(started=await in_thread(service.rescan))


class FolderChoice(BaseModel):
    """Which folder; without ``path`` all."""

    model_config = ConfigDict(extra="forbid")

    path: str | None = Field(None, max_length=_LONGEST_PATH, examples=["/srv/photos"])


@router.post(
    "/folders/confirm",
    status_code=202,
    operation_id="confirmMissing",
    responses=responses(404),
)
async def confirm(service: ServiceDep, folder: FolderChoice | None = None) -> Started:
    """Photos that a scan misses are gone on purpose: forget them. How many folders waited."""
    path = folder.path if folder is not None else None
    return Started(started=await in_thread(service.confirm_missing, path))


@router.post("/indexing/pause", operation_id="pauseIndexing")
async def pause(service: ServiceDep) -> Paused:
    """Take on no more photos until told otherwise, or until a restart. Searches go on."""
    await in_thread(partial(service.pause, paused=True))
    return Paused(paused=True)


@router.post("/indexing/resume", operation_id="resumeIndexing")
async def resume(service: ServiceDep) -> Paused:
    """Go on. Quiet hours and the temperature limit of the settings still hold."""
    await in_thread(partial(service.pause, paused=False))
    return Paused(paused=False)


@router.get("/problems", operation_id="getProblems")
async def problems(
    service: ServiceDep,
    limit: Annotated[int, Query(ge=1, le=_MOST_PROBLEMS, description="Files at most.")] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31, description="How many to pass over.")] = 0,
) -> Problems:
    """Files that could not be read, each with its reason, the latest first."""
    found, total = await in_thread(service.problems, limit, offset)
    return Problems(problems=[problem_response(item) for item in found], total=total)


@router.post("/problems/retry", status_code=202, operation_id="retryProblems")
async def retry(service: ServiceDep) -> Started:
    """Look at them again."""
    return Started(started=await in_thread(service.retry_problems))


@router.get("/status", operation_id="getStatus")
async def status(service: ServiceDep) -> ServiceStatus:
    """Flat counters for dashboards."""
    return status_response(await in_thread(service.status))


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}, "application/openmetrics-text": {}}}},
)
async def metrics(request: Request, numbers: MetricsDep) -> Response:
    """Numbers for Prometheus; OpenMetrics for whoever accepts it. Answered in any state."""
    accept = ",".join(request.headers.getlist("accept"))
    body, media_type = await in_thread(numbers.written, accept)
    return Response(body, headers={"content-type": media_type})


@router.get(
    "/events",
    operation_id="getEvents",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(
    request: Request, service: ServiceDep, access_control: AccessControlDep, caller: CallerDep
) -> StreamingResponse:
    """``/status`` each time it changes, once a second at most, as server-sent events."""
    stream = request.state.feed.watch(service, lambda: access_control.has_device(caller))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


@router.head("/healthz", include_in_schema=False)
@router.get(
    "/healthz",
    operation_id="getHealth",
    response_model=HealthResponse,
)
async def healthz(service: ServiceDep, probes: ProbesDep) -> Response:
    """Whether the process is well. 503 names what is not."""
    return _health(await in_turn(probes, service.health), "Unhealthy")


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    operation_id="getReadiness",
    response_model=HealthResponse,
)
async def readyz(service: ServiceDep, probes: ProbesDep) -> Response:
    """Whether searches are answered. 503 says why not."""
    return _health(await in_turn(probes, service.readiness), "Not ready")


def _health(health: HealthReport, title: str) -> Response:
    if health.ok:
        return JSONResponse({"ok": True, "reasons": []})
    return problem(503, title, "; ".join(health.reasons), {"Retry-After": "1"})
