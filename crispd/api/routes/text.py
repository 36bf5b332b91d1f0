"""Routes of text in photos: ``/photos/{id}/text`` and ``/text``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from crispd.api.dependencies import ServiceDep
from crispd.api.routes.photos import PhotoId, checked_id
from crispd.api.schemas import LineOfText, Started
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread

router = APIRouter(tags=["photos"], route_class=JsonRoute)

_LONGEST = 2000


class MarkedLine(LineOfText):
    """A line of text; ``marks``: from which to which character words stand that were asked for."""

    marks: list[tuple[int, int]]


class TextOfPhoto(BaseModel):
    """What was read in a photo, from the top to the bottom. ``text``: all lines.

    ``read``: false where the photo was not looked at yet.
    """

    read: bool
    text: str
    lines: list[MarkedLine]


class TextReading(BaseModel):
    """Whether text in photos is read: ``on``; ``off``, where it is not wanted, its models are not
    installed or memory is too small; ``forgotten``, until somebody asks for it again.

    ``photos``: contents in which text was found; ``pending``: photos that are not read yet, null
    where nobody has looked.
    """

    state: Literal["on", "off", "forgotten"]
    photos: int
    pending: int | None


@router.get("/photos/{photo_id}/text", operation_id="getPhotoText", responses=responses(404))
async def get_photo_text(
    service: ServiceDep,
    photo_id: PhotoId,
    words: Annotated[
        str,
        Query(
            max_length=_LONGEST,
            description="Words whose places are marked, with spaces between.",
            examples=["zoohaus 26,43"],
        ),
    ] = "",
) -> TextOfPhoto:
    """The text in a photo: its lines with their corners, and where words stand in them."""
    found = await in_thread(service.photo_text, checked_id(photo_id), words)
    lines = [
        MarkedLine(
            text=line.text,
            confidence=line.confidence,
            corners=list(line.corners),
            marks=list(marks),
        )
        for line, marks in zip(found.lines, found.marks, strict=True)
    ]
    return TextOfPhoto(
        read=found.is_read, text="\n".join(line.text for line in found.lines), lines=lines
    )


@router.get("/text", operation_id="getTextReading")
async def get_text_reading(service: ServiceDep) -> TextReading:
    """Whether text in photos is read, and how far."""
    found = await in_thread(service.text_reading)
    return TextReading(state=found.state, photos=found.photos, pending=found.pending)


@router.post("/text/forget", operation_id="forgetText")
async def forget_text(service: ServiceDep) -> Started:
    """Remove all text that was read in photos, and read none until `/text/read`. Of how many."""
    return Started(started=await in_thread(service.forget_text))


@router.post("/text/read", operation_id="readText")
async def read_text(service: ServiceDep) -> TextReading:
    """Read text in photos again after it was forgotten."""
    await in_thread(service.read_text_again)
    return await get_text_reading(service)
