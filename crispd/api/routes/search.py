"""The routes of ``/search``."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from crispd.api.dependencies import SearchesDep, ServiceDep, UploadsDep
from crispd.api.search_parameters import SearchBody, SearchParameters
from crispd.api.search_schemas import SearchResponse, search_values
from crispd.errors import PhotoError
from crispd.http.problem_details import responses
from crispd.http.query_parameters import direct_route
from crispd.http.strict_json import JsonRoute
from crispd.http.uploads import UploadRoute, read_upload, refusal
from crispd.query.request import SearchRequest, make_query
from crispd.service_facade import ServiceFacade
from crispd.types import EncodedPhoto, ResultPage

router = APIRouter(tags=["search"], route_class=JsonRoute)


async def search(
    request: Request,
    service: ServiceDep,
    searches: SearchesDep,
    given: Annotated[SearchParameters, Query()],
) -> Response:
    """Photos that show what the words say, best first."""
    return await searches.answer_as(as_json, answered, service, given.to_request(request.headers))


async def _search_directly(request: Request, given: SearchParameters) -> Response:
    return await search(request, request.state.service, request.state.searches, given)


router.add_api_route(
    "/search",
    search,
    methods=["GET"],
    operation_id="search",
    response_model=SearchResponse,
    responses=responses(404, 410),
    route_class_override=direct_route(SearchParameters, _search_directly),
)


def as_json(page: ResultPage) -> Response:
    """A page as it is sent."""
    body = to_json(search_values(page), inf_nan_mode="null")
    return Response(body, media_type="application/json")


def answered(service: ServiceFacade, asked: SearchRequest) -> ResultPage:
    """In the thread of a search: the words may have to be read with the library at hand."""
    return _answered(service, asked, None)


def _answered(
    service: ServiceFacade, asked: SearchRequest, picture: EncodedPhoto | None
) -> ResultPage:
    began = time.perf_counter()
    query = make_query(asked, picture, service.hemisphere, service.known_names())
    parsed = time.perf_counter()
    return service.search(query).after(parse=1000 * (parsed - began))


async def search_by_picture(
    request: Request, service: ServiceDep, searches: SearchesDep, uploads: UploadsDep
) -> Response:
    """Photos like the picture in the field image, with the parameters as further fields."""
    uploads.refuse_when_full()
    try:
        with uploads.memory.form() as held:
            data, given = await read_upload(request, SearchParameters, uploads, held)
            with uploads.place():
                return await searches.answer_as(
                    as_json, _by_picture, service, data, given.to_request(request.headers)
                )
    except PhotoError as error:
        raise refusal(error) from error


def _by_picture(service: ServiceFacade, data: bytes, asked: SearchRequest) -> ResultPage:
    return _answered(service, asked, service.encoded(data))


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
    response_model=SearchResponse,
    responses=responses(404, 410, 415, 422),
    openapi_extra={
        "parameters": [_ORIGIN],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
    },
)
async def search_with_body(
    request: Request, service: ServiceDep, searches: SearchesDep, body: SearchBody
) -> Response:
    """The same with the parameters in the body."""
    return await searches.answer_as(as_json, answered, service, body.to_request(request.headers))
