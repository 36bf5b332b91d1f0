"""``/search``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from crispd.api.facade import House
from crispd.api.json_bodies import JsonRoute
from crispd.api.problems import responses
from crispd.api.schemas import (
    SearchResponse,
    SuggestionsResponse,
    search_response,
    suggestions_response,
)
from crispd.api.search_parameters import SearchBody, SearchParameters
from crispd.api.state import HouseDep, SearchesDep, UploadsDep
from crispd.api.uploads import UploadRoute, read_upload, refusal
from crispd.errors import PhotoError
from crispd.search.validate import Asked, make_query
from crispd.types import SearchAnswer

router = APIRouter(tags=["search"], route_class=JsonRoute)


@router.get("/search", operation_id="search", responses=responses(404, 410))
async def search(
    house: HouseDep,
    searches: SearchesDep,
    given: Annotated[SearchParameters, Query()],
) -> SearchResponse:
    """Photos that show what the words say, best first."""
    return search_response(await searches.answer(answered, house, given.asked()))


def answered(house: House, asked: Asked) -> SearchAnswer:
    """In the thread of a search: the words may have to be read with the library at hand."""
    return house.search(make_query(asked, hemisphere=house.hemisphere))


async def search_by_picture(
    request: Request, house: HouseDep, searches: SearchesDep, uploads: UploadsDep
) -> SearchResponse:
    """Photos like the picture in the field image, with the parameters as further fields."""
    uploads.refuse_when_full()
    try:
        with uploads.memory.form() as held:
            data, given = await read_upload(request, SearchParameters, uploads, held)
            with uploads.place():
                answer = await searches.answer(_by_picture, house, data, given.asked())
    except PhotoError as error:
        raise refusal(error) from error
    return search_response(answer)


def _by_picture(house: House, data: bytes, asked: Asked) -> SearchAnswer:
    return house.search(make_query(asked, house.encoded(data), house.hemisphere))


# before the route of JSON, which takes whatever this one leaves
router.add_api_route(
    "/search",
    search_by_picture,
    methods=["POST"],
    operation_id="searchWithPicture",  # for its scope: in the OpenAPI both are one call
    include_in_schema=False,
    route_class_override=UploadRoute,
)

_FORM = {
    "type": "object",
    "required": ["image"],
    "additionalProperties": False,
    "description": "image: a picture to search by; the parameters as further fields.",
    "properties": {
        "image": {"type": "string", "format": "binary"},
        **SearchParameters.model_json_schema()["properties"],
    },
}

# It is true of every call. Told of here: without a parameter that may be left out, a client that
# openapi-python-client (0.29) makes of a call with two kinds of body cannot be imported
# (openapi-generators/openapi-python-client #1451).
_ORIGIN = {
    "name": "Origin",
    "in": "header",
    "required": False,
    "description": "Sent by browsers: crispd's own page, or one of allowed_origins.",
    "schema": {"type": "string"},
}


@router.post(
    "/search",
    operation_id="searchWithBody",
    responses=responses(404, 410, 415, 422),
    openapi_extra={
        "parameters": [_ORIGIN],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
    },
)
async def search_with_body(
    house: HouseDep, searches: SearchesDep, body: SearchBody
) -> SearchResponse:
    """The same with the parameters in the body."""
    return search_response(await searches.answer(answered, house, body.asked()))


@router.get("/suggestions", operation_id="getSuggestions")
async def suggestions(house: HouseDep, searches: SearchesDep) -> SuggestionsResponse:
    """What could be asked for: words that find something here, and values for the filters."""
    return suggestions_response(await searches.run(house.suggestions))
