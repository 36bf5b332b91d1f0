"""A subset of Immich's API, for programs made for Immich (setting ``immich_api``).

Shapes are those of Immich 3.3 (its OpenAPI, open-api/immich-openapi-specs.json), which says what
they mean. Errors and tokens are crispd's: a device's token goes as ``x-api-key``.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from crispd.api.dependencies import PicturesDep, SearchesDep, ServiceDep
from crispd.api.routes.photos import get_original, get_preview, get_thumbnail
from crispd.api.routes.search import answered
from crispd.errors import NotFound, QueryError
from crispd.http.original_files import seconds
from crispd.http.query_parameters import FOR_IMMICH
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread
from crispd.images.formats import media_type
from crispd.query.request import MAX_RESULTS, MAX_TEXT_LENGTH, SearchRequest, make_query
from crispd.types import PhotoRecord, SearchHit, displayable

router = APIRouter(prefix="/api", tags=[FOR_IMMICH], include_in_schema=False, route_class=JsonRoute)

VERSION = {"major": 3, "minor": 3, "patch": 5, "prerelease": None}
# Immich knows owners; a house has one.
_OWNER = "00000000-0000-4000-8000-000000000000"
_HALF = (1 << 60) - 1
_PREVIEWS = {"preview": 1440, "fullsize": 4096}
_THUMBNAIL = 480
_LONGEST_NAME = 200
# What changes nothing about which photos are found, whatever it says.
_HARMLESS = {"withDeleted", "withPeople", "withStacked", "language", "visibility"}


class SmartSearch(BaseModel):
    """``SmartSearchDto``. Other fields are kept, to say that crispd cannot filter by them."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, populate_by_name=True)

    query: str | None = Field(None, max_length=MAX_TEXT_LENGTH)
    query_asset_id: str | None = Field(None, max_length=_LONGEST_NAME)
    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(100, ge=1, le=1000)
    type: str | None = Field(None, max_length=_LONGEST_NAME)
    taken_after: datetime | None = None
    taken_before: datetime | None = None
    make: str | None = Field(None, max_length=_LONGEST_NAME)
    model: str | None = Field(None, max_length=_LONGEST_NAME)
    with_exif: bool | None = None

    def to_request(self) -> SearchRequest:
        """As crispd is asked. Raises QueryError."""
        extra = self.model_extra or {}
        unknown = sorted(name for name, value in extra.items() if value and name not in _HARMLESS)
        if unknown:
            raise QueryError(f"crispd cannot filter by {', '.join(unknown)[:200]}.")
        cameras = [name.replace(",", " ") for name in (self.make, self.model) if name]
        return SearchRequest.of(
            self.query or "",
            like=id_of(self.query_asset_id) if self.query_asset_id else None,
            after=_local(self.taken_after),
            before=_local(self.taken_before),
            camera=f"all:{','.join(cameras)}" if cameras else None,
        )


@router.get("/server/ping")
async def ping() -> dict[str, str]:
    """``ServerPingResponse``."""
    return {"res": "pong"}


@router.get("/server/version")
async def version() -> dict[str, int | None]:
    """``ServerVersionResponseDto``: of the API that is spoken."""
    return VERSION


@router.post("/search/smart")
async def search_smart(
    service: ServiceDep, searches: SearchesDep, body: SmartSearch
) -> dict[str, Any]:
    """``SearchResponseDto``. The answer ends where crispd's does: after what may be meant."""
    hits: list[SearchHit] = []
    last = body.page * body.size
    cursor = None
    asked = replace(body.to_request(), limit=min(last, MAX_RESULTS))
    # crispd has photos only, and goes on by cursor where Immich counts pages
    if body.type in (None, "IMAGE"):
        answer = await searches.answer(answered, service, asked)
        hits, cursor = list(answer.hits), answer.next
    while cursor is not None and len(hits) < last:
        more = make_query(SearchRequest(cursor=cursor, limit=MAX_RESULTS))
        answer = await searches.answer(service.search, more)
        hits, cursor = [*hits, *answer.hits], answer.next
    shown = [asset(hit.photo, exif=bool(body.with_exif)) for hit in hits[last - body.size : last]]
    goes_on = cursor is not None or len(hits) > last
    albums = _part([])
    return {"albums": albums, "assets": _part(shown, str(body.page + 1) if goes_on else None)}


@router.get("/assets/{asset_id}")
async def get_asset(service: ServiceDep, asset_id: str) -> dict[str, Any]:
    """``AssetResponseDto``."""
    return asset(await in_thread(service.photo, id_of(asset_id)), exif=True)


@router.get("/assets/{asset_id}/thumbnail")
async def get_asset_thumbnail(
    request: Request,
    service: ServiceDep,
    pictures: PicturesDep,
    asset_id: str,
    size: str = "thumbnail",
) -> Response:
    """A picture of 480, 1440 or up to 4096 pixels."""
    photo_id = id_of(asset_id)
    if size in _PREVIEWS:
        return await get_preview(request, service, pictures, photo_id, _PREVIEWS[size])
    return await get_thumbnail(request, service, pictures, photo_id, _THUMBNAIL)


@router.get("/assets/{asset_id}/original")
async def get_asset_original(request: Request, service: ServiceDep, asset_id: str) -> Response:
    """The file as it is."""
    return await get_original(request, service, id_of(asset_id))


def uuid_of(photo_id: str) -> str:
    """The 120 bits of an id as a UUID of version 4, which has room for 122 (RFC 9562, 5.4)."""
    bits = int.from_bytes(base64.b32decode(photo_id.upper()))
    high, low = bits >> 60, bits & _HALF
    return str(UUID(int=(high >> 12) << 80 | 4 << 76 | (high & 0xFFF) << 64 | 2 << 62 | low))


def id_of(asset_id: str) -> str:
    """The id that a UUID stands for. Raises NotFound."""
    try:
        bits = UUID(asset_id).int
    except ValueError as error:
        raise NotFound("This is not the id of an asset. Ids come from searching.") from error
    high, low = (bits >> 80) << 12 | bits >> 64 & 0xFFF, bits & _HALF
    return base64.b32encode((high << 60 | low).to_bytes(15)).decode().lower()


def asset(photo: PhotoRecord, *, exif: bool) -> dict[str, Any]:
    """``AssetResponseDto``, with ``ExifResponseDto`` if wanted."""
    metadata, name = photo.metadata, displayable(photo.path).rpartition("/")[2]
    modified = datetime.fromtimestamp(seconds(photo.stamp.mtime_ns), UTC)
    taken, taken_utc = _moments(
        metadata.capture_time.at if metadata.capture_time else None, modified
    )
    found = {
        "id": uuid_of(photo.id), "ownerId": _OWNER, "type": "IMAGE", "visibility": "timeline",
        "originalFileName": name, "originalPath": displayable(photo.full_path),
        "originalMimeType": media_type(metadata.type),
        # no SHA-1, which Immich has here: of the BLAKE3 of the file as many bytes
        "checksum": base64.b64encode(bytes.fromhex(photo.content_hash)[:20]).decode(),
        "fileCreatedAt": taken_utc, "localDateTime": _zulu(taken),
        "fileModifiedAt": _zulu(modified), "createdAt": _zulu(modified),
        "updatedAt": _zulu(modified), "width": metadata.width, "height": metadata.height,
        "thumbhash": None, "duration": None, "hasMetadata": True, "isArchived": False,
        "isEdited": False, "isFavorite": False, "isTrashed": False,
        "isOffline": not photo.online, "people": [], "tags": [],
    }  # fmt: skip
    return found | {"exifInfo": _exif(photo, taken_utc)} if exif else found


def _moments(at: str | None, modified: datetime) -> tuple[datetime, str]:
    """When it was taken by local clocks, and in UTC; where clocks cannot tell, the file's time."""
    try:
        taken = datetime.fromisoformat(at) if at else modified
    except ValueError:
        taken = modified
    try:
        return taken, _zulu(taken.astimezone(UTC))
    except (OverflowError, ValueError, OSError):  # the first and the last year of all calendars
        return taken, _zulu(taken)


def _exif(photo: PhotoRecord, taken: str) -> dict[str, Any]:
    metadata = photo.metadata
    place, rating = metadata.place, metadata.rating
    return {
        "exifImageWidth": metadata.width, "exifImageHeight": metadata.height,
        "fileSizeInByte": photo.stamp.size, "model": metadata.camera, "make": None,
        "lensModel": metadata.lens, "dateTimeOriginal": taken if metadata.capture_time else None,
        "latitude": place and place.latitude, "longitude": place and place.longitude,
        "rating": rating if rating and rating > 0 else None,
    }  # fmt: skip


def _part(items: list[Any], next_page: str | None = None) -> dict[str, Any]:
    count = len(items)
    found = {"items": items, "count": count, "total": count, "facets": []}
    return found | {"nextPage": next_page, "nextCursor": None}


def _local(moment: datetime | None) -> str | None:
    """As this house's clocks show it, which is what photos have."""
    if moment is None:
        return None
    local = moment.astimezone() if moment.tzinfo else moment
    return local.replace(tzinfo=None).isoformat(timespec="seconds")


def _zulu(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
