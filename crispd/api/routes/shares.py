"""Share links: one photo, for a limited time, for clients without a token such as televisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import (
    AccessControlDep,
    CallerDep,
    PicturesDep,
    RequestOriginDep,
    ServiceDep,
)
from crispd.api.routes.photos import ORIGINALS, PARTS, PhotoId, get_original, get_photo, get_preview
from crispd.errors import Unauthorized
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread

router = APIRouter(tags=["photos"], route_class=JsonRoute)

_MOST_MINUTES = 7 * 24 * 60
_SCREEN = 1920

Kind = Literal["preview", "original"]


class ShareBody(BaseModel):
    """For how long, and of what: a JPEG of 1920 pixels, or the file as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"minutes": 60}})

    minutes: float = Field(60, gt=0, le=_MOST_MINUTES)
    kind: Kind = "preview"


class Share(BaseModel):
    """``url`` opens this one photo to whoever has it, until ``expires_at``."""

    url: str
    expires_at: str


@router.post(
    "/photos/{photo_id}/share",
    status_code=201,
    operation_id="sharePhoto",
    responses=responses(404),
)
async def share(
    service: ServiceDep,
    access_control: AccessControlDep,
    caller: CallerDep,
    client: RequestOriginDep,
    photo_id: PhotoId,
    body: ShareBody,
) -> Share:
    """A link to one photo. It dies with its time, and with the device that made it.

    Those that no device made end with ``DELETE /shares``.
    """
    photo = await get_photo(service, photo_id)
    key, until = access_control.share(caller, f"{body.kind} {photo.id}", body.minutes * 60)
    path = f"/shared/{photo.id}?key={key}"
    if body.kind == "original":
        path += "&kind=original"
    ends = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
    return Share(url=f"{client.scheme}://{client.host}{path}", expires_at=ends)


@router.delete("/shares", status_code=204, operation_id="revokeShares")
async def revoke_shares(access_control: AccessControlDep) -> Response:
    """Every link that was made without a device holds no more when this is answered."""
    await in_thread(access_control.shares.renew)
    return Response(status_code=204)


@router.head("/shared/{photo_id}", include_in_schema=False)
@router.get(
    "/shared/{photo_id}",
    operation_id="getShared",
    response_class=Response,
    responses={
        200: {"content": ORIGINALS},
        206: {"content": PARTS},
        304: {},
        **responses(404, 416, 422),
    },
)
async def shared(
    request: Request,
    service: ServiceDep,
    access_control: AccessControlDep,
    pictures: PicturesDep,
    photo_id: PhotoId,
    key: Annotated[str, Query(max_length=200, description="What makes the link good.")] = "",
    kind: Annotated[Kind, Query(description="As it was shared.")] = "preview",
) -> Response:
    """The photo of a link."""
    if not access_control.shared(key, f"{kind} {photo_id}"):
        raise Unauthorized("This link holds no more. Ask for a new one.")
    if kind == "original":
        answer = await get_original(request, service, photo_id)
    else:
        answer = await get_preview(request, service, pictures, photo_id, _SCREEN)
    # not for ever, as with a token: the link has an end
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
