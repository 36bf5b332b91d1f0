"""``POST /photos/archive``: the originals of several photos in one ZIP archive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import ServiceDep
from crispd.api.photo_archive import archive_response, make_archive
from crispd.api.routes.photos import checked_id
from crispd.errors import NotFound, QueryError
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread

router = APIRouter(prefix="/photos", tags=["photos"], route_class=JsonRoute)

MOST_PHOTOS = 1000
_LONGEST = 32 * MOST_PHOTOS


class ArchiveForm(BaseModel):
    """Which photos."""

    model_config = ConfigDict(extra="forbid")

    ids: str = Field(
        max_length=_LONGEST,
        description=f"Ids of at most {MOST_PHOTOS} photos, with commas between them.",
        examples=["7tspv4wp7vkn5gzrwtjl4vzs"],
    )


@router.post(
    "/archive",
    operation_id="downloadPhotos",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}}, **responses(400, 404, 422)},
)
async def download_photos(
    service: ServiceDep, form: Annotated[ArchiveForm, Form()]
) -> StreamingResponse:
    """The files of several photos as they are, in one ZIP archive whose length is known.

    Photos that are gone, and files that cannot be read, are named in a text file in it.
    """
    wanted = list(dict.fromkeys(part.strip() for part in form.ids.split(",") if part.strip()))
    if not 0 < len(wanted) <= MOST_PHOTOS:
        raise QueryError(f"Give the ids of 1 to {MOST_PHOTOS} photos, with commas between them.")
    for photo_id in wanted:
        checked_id(photo_id)
    return await in_thread(_archive, service, wanted)


def _archive(service: ServiceDep, ids: list[str]) -> StreamingResponse:
    originals, left_out = [], []
    for photo_id in ids:
        try:
            originals.append(service.original(photo_id))
        except NotFound as error:
            left_out.append(f"{photo_id}: {error}")
    return archive_response(make_archive(originals, left_out))
