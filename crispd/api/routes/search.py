"""The routes of ``/search``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from crispd.api.dependencies import SearchesDep, ServiceDep, UploadsDep
from crispd.api.schemas import SearchResponse, search_response
from crispd.api.search_parameters import SearchBody, SearchParameters
from crispd.errors import PhotoError
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.uploads import UploadRoute, read_upload, refusal
from crispd.query.request import SearchRequest, make_query
from crispd.service_facade import ServiceFacade
from crispd.types import ResultPage

router = APIRouter(tags=["search"], route_class=JsonRoute)


@router.get("/search", operation_id="search", responses=responses(404, 410))
async def search(
    service: ServiceDep,
    searches: SearchesDep,
    given: Annotated[SearchParameters, Query()],
) -> SearchResponse:
    """Photos that show what the words say, best first."""
    return search_response(await searches.answer(answered, service, given.to_request()))


def answered(service: ServiceFacade, asked: SearchRequest) -> ResultPage:
    """In the thread of a search: the words may have to be read with the library at hand."""
    return service.search(make_query(asked, None, service.hemisphere, service.known_names()))


async def search_by_picture(
    request: Request, service: ServiceDep, searches: SearchesDep, uploads: UploadsDep
) -> SearchResponse:
    """Photos like the picture in the field image, with the parameters as further fields."""
    uploads.refuse_when_full()
    try:
        with uploads.memory.form() as held:
            data, given = await read_upload(request, SearchParameters, uploads, held)
            with uploads.place():
                answer = await searches.answer(_by_picture, service, data, given.to_request())
    except PhotoError as error:
        raise refusal(error) from error
    return search_response(answer)


def _by_picture(service: ServiceFacade, data: bytes, asked: SearchRequest) -> ResultPage:
    picture = service.encoded(data)
    return service.search(make_query(asked, picture, service.hemisphere, service.known_names()))


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
    service: ServiceDep, searches: SearchesDep, body: SearchBody
) -> SearchResponse:
    """The same with the parameters in the body."""
    return search_response(await searches.answer(answered, service, body.to_request()))
