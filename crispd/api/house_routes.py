"""``/folders``, ``/problems``, ``/status`` and health: the state of the house."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from crispd.api.problems import responses
from crispd.api.schemas import (
    Folders,
    HealthResponse,
    Problems,
    Started,
    folder_response,
    problem_response,
)
from crispd.api.state import HouseDep, in_thread
from crispd.types import Health, ServiceStatus

router = APIRouter(tags=["house"])

_MOST_PROBLEMS = 1000


@router.get("/folders", operation_id="getFolders", responses=responses(503))
async def folders(house: HouseDep) -> Folders:
    """Each watched folder: whether it is online, how it is watched, what is in it."""
    return Folders(folders=[folder_response(item) for item in await in_thread(house.folders)])


@router.post(
    "/folders/rescan", status_code=202, operation_id="rescanFolders", responses=responses(503)
)
async def rescan(house: HouseDep) -> Started:
    """Start a scan of every folder now."""
    return Started(started=await in_thread(house.rescan))


@router.get("/problems", operation_id="getProblems", responses=responses(400, 503))
async def problems(
    house: HouseDep,
    limit: Annotated[int, Query(ge=1, le=_MOST_PROBLEMS)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Problems:
    """Files that could not be read, each with its reason, the latest first."""
    found, total = await in_thread(house.problems, limit, offset)
    return Problems(problems=[problem_response(item) for item in found], total=total)


@router.post(
    "/problems/retry", status_code=202, operation_id="retryProblems", responses=responses(503)
)
async def retry(house: HouseDep) -> Started:
    """Look at them again."""
    return Started(started=await in_thread(house.retry_problems))


@router.get("/status", operation_id="getStatus", responses=responses(503))
async def status(house: HouseDep) -> ServiceStatus:
    """Flat counters for dashboards."""
    return await in_thread(house.status)


@router.get("/healthz", operation_id="getHealth", response_model=HealthResponse)
async def healthz(house: HouseDep) -> JSONResponse:
    """Whether the process is well: 200, or 503 with the reasons."""
    return _health(await in_thread(house.health))


@router.get("/readyz", operation_id="getReadiness", response_model=HealthResponse)
async def readyz(house: HouseDep) -> JSONResponse:
    """Whether searches are answered: 200, or 503 with the reasons."""
    return _health(await in_thread(house.readiness))


def _health(health: Health) -> JSONResponse:
    body = {"ok": health.ok, "reasons": list(health.reasons)}
    return JSONResponse(body, 200 if health.ok else 503)
