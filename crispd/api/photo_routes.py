"""``/photos/{id}`` with its thumbnail and its original."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response

from crispd.api.files import RangeFileResponse, open_original, seconds, stat_of, unchanged
from crispd.api.problems import responses
from crispd.api.schemas import Photo, photo_response
from crispd.api.state import HouseDep, PicturesDep, in_thread, in_turn
from crispd.errors import NotFound
from crispd.types import displayable

router = APIRouter(prefix="/photos", tags=["photos"])

_ID_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")
_ID_LENGTH = 24
# An id stands for one content at one path, so what it shows never changes.
_FOREVER = "private, max-age=31536000, immutable"
_CHECK_FIRST = "private, no-cache"

PhotoId = Annotated[str, Path(description="The id of a photo, from an answer.")]


@router.head("/{photo_id}", include_in_schema=False)
@router.get("/{photo_id}", operation_id="getPhoto", responses=responses(404, 503))
async def get_photo(house: HouseDep, photo_id: PhotoId) -> Photo:
    """All that is known of a photo."""
    photo = await in_thread(house.photo, _checked(photo_id))
    modified = datetime.fromtimestamp(seconds(photo.stamp.mtime_ns), UTC)
    return photo_response(photo, modified.isoformat(timespec="seconds"))


@router.head("/{photo_id}/thumbnail", include_in_schema=False)
@router.get(
    "/{photo_id}/thumbnail",
    operation_id="getThumbnail",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 304: {}, **responses(400, 404, 422, 503)},
)
async def get_thumbnail(
    request: Request,
    house: HouseDep,
    pictures: PicturesDep,
    photo_id: PhotoId,
    size: Annotated[int | None, Query(ge=32, le=1024, description="Long side in pixels.")] = None,
) -> Response:
    """A small JPEG, upright, without EXIF."""
    image = await in_turn(pictures, house.thumbnail, _checked(photo_id), size)
    headers = {"ETag": f'"{image.etag}"', "Cache-Control": _FOREVER}
    if _has(request, image.etag):
        return Response(status_code=304, headers=headers)
    return Response(image.data, headers=headers, media_type=image.media_type)


@router.head("/{photo_id}/original", include_in_schema=False)
@router.get(
    "/{photo_id}/original",
    operation_id="getOriginal",
    response_class=FileResponse,
    responses={200: {"content": {"image/*": {}}}, 206: {}, 304: {}, **responses(404, 416, 503)},
)
async def get_original(request: Request, house: HouseDep, photo_id: PhotoId) -> Response:
    """The file as it is. Range requests are served."""
    original = await in_thread(house.original, _checked(photo_id))
    file = await in_thread(open_original, original)
    found = stat_of(file)
    etag, caching = original.etag, _FOREVER
    if not unchanged(original, found):  # written since it was indexed, and soon read anew
        etag, caching = f"{found.st_size:x}-{found.st_mtime:x}", _CHECK_FIRST
    headers = {"ETag": f'"{etag}"', "Cache-Control": caching}
    if _has(request, etag):
        file.close()
        return Response(status_code=304, headers=headers)
    return RangeFileResponse(
        file,
        media_type=original.media_type,
        filename=displayable(original.filename),
        stat_result=found,
        content_disposition_type="inline",
        headers=headers,
    )


def _checked(photo_id: str) -> str:
    """Only what can be an id reaches the database; a path never does."""
    if len(photo_id) != _ID_LENGTH or not _ID_ALPHABET.issuperset(photo_id):
        raise NotFound("This is not the id of a photo. Ids come from the answers of /search.")
    return photo_id


def _has(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    return etag in tags or "*" in tags
