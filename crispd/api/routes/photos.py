"""Routes of a photo: ``/photos/{id}``, its thumbnail, preview and original."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import PicturesDep, ServiceDep
from crispd.api.schemas import Photo, Started, photo_response
from crispd.errors import NotFound, QueryError
from crispd.http.byte_ranges import BytesResponse
from crispd.http.conditional_requests import (
    date_header,
    is_not_modified,
    matching_etag,
    not_modified_since,
)
from crispd.http.content_negotiation import preferred_image_type
from crispd.http.original_files import OriginalResponse, open_original, seconds, stat_of, unchanged
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread, in_turn
from crispd.types import displayable

if TYPE_CHECKING:
    import anyio

    from crispd.types import Rendition

router = APIRouter(prefix="/photos", tags=["photos"], route_class=JsonRoute)

_ID_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")
_ID_LENGTH = 24
# An id stands for one content at one path, so what it shows never changes.
_FOREVER = "private, max-age=31536000, immutable"
_CHECK_FIRST = "private, no-cache"

# Those of camera RAWs have names like image/x-canon-cr2; octet-stream where none is known.
ORIGINALS: dict[str, dict[str, Any]] = {"image/*": {}, "application/octet-stream": {}}

# Several ranges of an original come as one.
PARTS: dict[str, dict[str, Any]] = {**ORIGINALS, "multipart/byteranges": {}}

PhotoId = Annotated[
    str,
    Path(description="The id of a photo, from an answer.", examples=["7tspv4wp7vkn5gzrwtjl4vzs"]),
]


class PhotosChoice(BaseModel):
    """Which photos: one by its ``id``, or one or a folder of them by its absolute ``path``."""

    model_config = ConfigDict(extra="forbid")

    path: str | None = Field(None, max_length=4096, examples=["/srv/photos/2021"])
    id: str | None = Field(None, max_length=64, examples=["7tspv4wp7vkn5gzrwtjl4vzs"])


@router.post(
    "/reread", status_code=202, operation_id="rereadPhotos", responses=responses(400, 404, 503)
)
async def reread(service: ServiceDep, choice: PhotosChoice) -> Started:
    """Read a photo, or all below a folder, anew from the disk. How many are known there.

    What is known stays until then. Where the file has not changed, only what it says of itself is
    read; nothing is encoded again.
    """
    if (choice.path is None) == (choice.id is None):
        raise QueryError("Give the path of a photo or a folder, or the id of a photo.")
    photo_id = None if choice.id is None else checked_id(choice.id)
    return Started(started=await in_thread(service.reread, choice.path, photo_id))


@router.head("/{photo_id}", include_in_schema=False)
@router.get("/{photo_id}", operation_id="getPhoto", responses=responses(404))
async def get_photo(service: ServiceDep, photo_id: PhotoId) -> Photo:
    """All that is known of a photo."""
    photo = await in_thread(service.photo, checked_id(photo_id))
    modified = datetime.fromtimestamp(seconds(photo.stamp.mtime_ns), UTC)
    return photo_response(photo, modified.isoformat(timespec="seconds"))


@router.head("/{photo_id}/thumbnail", include_in_schema=False)
@router.get(
    "/{photo_id}/thumbnail",
    operation_id="getThumbnail",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}, "image/webp": {}}},
        206: {"content": {"image/jpeg": {}, "image/webp": {}}},
        304: {},
        **responses(404, 416, 422),
    },
)
async def get_thumbnail(
    request: Request,
    service: ServiceDep,
    pictures: PicturesDep,
    photo_id: PhotoId,
    size: Annotated[int | None, Query(ge=32, le=1280, description="Long side in pixels.")] = None,
) -> Response:
    """A small JPEG, or WebP for whoever names it in Accept: upright, sRGB, without EXIF."""
    kind = preferred_image_type(request.headers.get("accept"))
    wanted = await in_thread(service.thumbnail, checked_id(photo_id), size, kind)
    return await _picture(request, service, pictures, wanted, {"Vary": "Accept"})


@router.head("/{photo_id}/preview", include_in_schema=False)
@router.get(
    "/{photo_id}/preview",
    operation_id="getPreview",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}}},
        206: {"content": {"image/jpeg": {}}},
        304: {},
        **responses(404, 416, 422),
    },
)
async def get_preview(
    request: Request,
    service: ServiceDep,
    pictures: PicturesDep,
    photo_id: PhotoId,
    size: Annotated[int | None, Query(ge=32, le=4096, description="Long side in pixels.")] = None,
) -> Response:
    """A JPEG for a screen, whatever the original is: upright, sRGB, without EXIF."""
    wanted = await in_thread(service.preview, checked_id(photo_id), size)
    name = displayable(wanted.photo.path.rpartition("/")[2]).rpartition(".")[0]
    shown = f"inline; filename*=utf-8''{quote(name, safe='')}.jpg"
    return await _picture(request, service, pictures, wanted, {"Content-Disposition": shown})


async def _picture(
    request: Request,
    service: ServiceDep,
    pictures: anyio.CapacityLimiter,
    wanted: Rendition,
    headers: dict[str, str],
) -> Response:
    modified = seconds(wanted.photo.stamp.mtime_ns)
    headers = {**headers, **date_header(modified), "Cache-Control": _FOREVER}
    held = is_not_modified(request, wanted, modified)
    if held is not None:
        return Response(status_code=304, headers={**headers, "ETag": f'"{held}"'})
    # what lies ready does not wait for those who have to be painted
    image = await in_thread(service.cached_picture, wanted)
    if image is None:
        image = await in_turn(pictures, service.picture, wanted)
    headers["ETag"] = f'"{image.etag}"'
    if not image.final:
        headers["Cache-Control"] = _CHECK_FIRST
        headers.pop("Last-Modified", None)
    return BytesResponse(image.data, image.media_type, headers)


@router.head("/{photo_id}/original", include_in_schema=False)
@router.get(
    "/{photo_id}/original",
    operation_id="getOriginal",
    response_class=FileResponse,
    responses={
        200: {"content": ORIGINALS},
        206: {"content": PARTS},
        304: {},
        **responses(404, 416, 422),
    },
)
async def get_original(request: Request, service: ServiceDep, photo_id: PhotoId) -> Response:
    """The file as it is. Range requests are served."""
    original = await in_thread(service.original, checked_id(photo_id))
    file = await in_thread(open_original, original)
    found = stat_of(file)
    etag, caching = original.etag, _FOREVER
    if not unchanged(original, found):  # written since it was indexed, and soon read anew
        etag, caching = f"{found.st_size:x}-{found.st_mtime:x}", _CHECK_FIRST
    headers = {"ETag": f'"{etag}"', "Cache-Control": caching}
    modified = int(found.st_mtime)
    same = caching == _FOREVER and not_modified_since(request, modified)
    if same or matching_etag(request, etag):
        file.close()
        return Response(status_code=304, headers={**headers, **date_header(modified)})
    return OriginalResponse(
        file,
        request.state.downloads,
        media_type=original.media_type,
        filename=displayable(original.filename),
        stat_result=found,
        content_disposition_type="inline",
        headers=headers,
    )


def checked_id(photo_id: str) -> str:
    """Only what can be an id reaches the database; a path never does."""
    if len(photo_id) != _ID_LENGTH or not _ID_ALPHABET.issuperset(photo_id):
        raise NotFound("This is not the id of a photo. Ids come from the answers of /search.")
    return photo_id
