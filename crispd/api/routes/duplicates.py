"""The route ``/duplicates``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from crispd.api.dependencies import ServiceDep
from crispd.api.schemas import PhotoBase, photo_base
from crispd.http.threads import in_thread
from crispd.types import DuplicatePage

router = APIRouter(tags=["search"])


class Duplicate(PhotoBase):
    """``exact``: its content is that of the first photo, byte for byte."""

    bytes: int
    exact: bool


class Group(BaseModel):
    """``photos``: the best first. ``wasted_bytes``: of all the others."""

    photos: list[Duplicate]
    wasted_bytes: int


class Duplicates(BaseModel):
    """``complete``: all photos have been compared; else ``checked`` of ``total`` contents."""

    groups: list[Group]
    complete: bool
    checked: int
    total: int
    next: str | None = None


@router.get("/duplicates", operation_id="getDuplicates")
async def duplicates(
    service: ServiceDep,
    limit: Annotated[int, Query(ge=1, le=200, description="Groups at most.")] = 30,
    cursor: Annotated[str | None, Query(description="next of the page before.")] = None,
) -> Duplicates:
    """Photos that are nearly the same: copies, versions, bursts. Nothing is ever deleted."""
    return duplicates_response(await in_thread(service.duplicates, limit, cursor))


def duplicates_response(found: DuplicatePage) -> Duplicates:
    """A page as JSON."""
    return Duplicates(
        groups=[
            Group(
                photos=[
                    Duplicate(
                        **photo_base(photo),
                        bytes=photo.stamp.size,
                        exact=photo.content_hash == group.photos[0].content_hash,
                    )
                    for photo in group.photos
                ],
                wasted_bytes=group.wasted_bytes,
            )
            for group in found.groups
        ],
        complete=found.complete,
        checked=found.checked,
        total=found.total,
        next=found.next,
    )
