"""Routes for workers that lend their processors: ``/encode``."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import ServiceDep, WorkersDep
from crispd.errors import QueryError
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread, in_turn
from crispd.types import EncodedPhoto

router = APIRouter(tags=["house"], route_class=JsonRoute)

_LONGEST_NAME, _LONGEST_PACK = 60, 200
_MOST_SECONDS = 10.0
_MOST_PHOTOS = 64
_MOST_TEXT = 200_000
_NAME = r"^[\w][\w .-]*$"


class EncodeLease(BaseModel):
    """``pixels``: base64 of uint8 [``count``, ``size``, ``size``, 3], RGB."""

    lease: str
    count: int
    size: int
    pixels: str


class EncodeJobs(BaseModel):
    """``wanted``: the pack that photos are encoded by now, null where there is nothing to do."""

    wanted: str | None
    job: EncodeLease | None


class EncodeHeartbeat(BaseModel):
    """A worker is at work on a job."""

    model_config = ConfigDict(extra="forbid")

    worker: str = Field(min_length=1, max_length=_LONGEST_NAME, pattern=_NAME, examples=["desktop"])
    lease: str = Field(min_length=1, max_length=_LONGEST_NAME, examples=["q1bB3xYz0aXk"])


class EncodeResults(BaseModel):
    """``embeddings``: base64 of float32 [count, dim], little-endian; ``tokens``: base64 of the
    tokens as they are stored, a photo after the other, all of the same length.
    """

    model_config = ConfigDict(extra="forbid")

    worker: str = Field(min_length=1, max_length=_LONGEST_NAME, pattern=_NAME)
    lease: str = Field(min_length=1, max_length=_LONGEST_NAME)
    count: int = Field(ge=1, le=_MOST_PHOTOS)
    embeddings: str = Field(max_length=_MOST_TEXT)
    tokens: str = Field("", max_length=_MOST_TEXT)


@router.get("/encode/jobs", operation_id="getEncodeJobs", responses=responses(403))
async def jobs(
    service: ServiceDep,
    workers: WorkersDep,
    worker: Annotated[
        str,
        Query(
            min_length=1,
            max_length=_LONGEST_NAME,
            pattern=_NAME,
            description="What the worker calls itself.",
            examples=["desktop"],
        ),
    ],
    pack: Annotated[
        str,
        Query(
            max_length=_LONGEST_PACK,
            description="The pack that the worker has loaded, name and version.",
            examples=["clip-b32@0f3a9c2b7d11"],
        ),
    ] = "",
    wait: Annotated[
        float, Query(ge=0, le=_MOST_SECONDS, description="Seconds to wait for a job.")
    ] = 0,
) -> EncodeJobs:
    """Photos to encode, as pixels; none where there is nothing to do."""
    wanted, lease = await in_turn(workers, service.packs.lend, worker, pack, wait)
    if lease is None:
        return EncodeJobs(wanted=wanted, job=None)
    count, size = lease.pixels.shape[:2]
    text = base64.b64encode(np.ascontiguousarray(lease.pixels).tobytes()).decode()
    return EncodeJobs(
        wanted=wanted, job=EncodeLease(lease=lease.id, count=count, size=size, pixels=text)
    )


@router.post(
    "/encode/heartbeat",
    status_code=204,
    operation_id="keepEncodeLease",
    responses=responses(403, 404),
)
async def heartbeat(service: ServiceDep, given: EncodeHeartbeat) -> None:
    """A sign of life, every two seconds while a job is encoded. 404: nobody waits for it any more.

    A worker that was heard once is taken for gone after eight seconds of silence, another after a
    minute.
    """
    await in_thread(service.packs.keep_lease, given.worker, given.lease)


@router.post(
    "/encode/results",
    status_code=204,
    operation_id="giveEncoded",
    responses=responses(400, 403, 404),
)
async def results(service: ServiceDep, given: EncodeResults) -> None:
    """What a worker made of a job. The hub compares it with what it makes itself."""
    await in_thread(service.packs.take_back, given.worker, given.lease, _photos_of(given))


def _photos_of(given: EncodeResults) -> list[EncodedPhoto]:
    try:
        raw = base64.b64decode(given.embeddings, validate=True)
        tokens = base64.b64decode(given.tokens, validate=True)
    except binascii.Error as error:
        raise QueryError("embeddings and tokens are base64.") from error
    if not raw or len(raw) % (4 * given.count) or len(tokens) % given.count:
        raise QueryError(f"embeddings and tokens are those of {given.count} photos.")
    vectors = np.frombuffer(raw, "<f4").reshape(given.count, -1)
    each = len(tokens) // given.count
    parts = [tokens[place * each : (place + 1) * each] for place in range(given.count)]
    return [
        EncodedPhoto(vector.astype(np.float32), part if each else None)
        for vector, part in zip(vectors, parts, strict=True)
    ]
