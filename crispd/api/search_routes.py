"""``/search``."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.facade import House
from crispd.api.problems import responses
from crispd.api.schemas import (
    SearchResponse,
    SuggestionsResponse,
    search_response,
    suggestions_response,
)
from crispd.api.state import HouseDep, SearchesDep, UploadsDep
from crispd.api.uploads import UploadRoute, read_upload, refusal
from crispd.errors import Overloaded, PhotoError
from crispd.search.validate import DEFAULT_RESULTS, MOST_RESULTS, Asked, make_query
from crispd.types import SearchAnswer

router = APIRouter(tags=["search"])

_MOST_PIXELS, _MOST_MEGAPIXELS = 1_000_000, 1_000_000


def _about(sentence: str, *examples: Any, **limits: Any) -> Any:
    """A parameter's description, once for both calls."""
    return Query(description=sentence, examples=list(examples) or None, **limits)


_Q = Annotated[str, _about("What the photo shows, with filters as docs/search.md has them.",
                           "dog on a beach", "beach -people after:2020-06")]  # fmt: skip
_Limit = Annotated[int, _about("Photos at most.", ge=1, le=MOST_RESULTS)]
_Rerank = Annotated[bool, _about("false: the coarse order.")]
_Spelling = Annotated[bool, _about("false: words as they are written.")]
_Parse = Annotated[bool, _about("false: q is nothing but words.")]
_Relevance = Annotated[str | None, _about("likely, maybe (default) or all.", "all")]
_Sort = Annotated[str | None, _about("relevance, newest or oldest.", "newest")]
_Cursor = Annotated[str | None, _about("next of the page before.")]
_After = Annotated[str | None, _about("Taken then or later.", "2020-06", "last summer")]
_Before = Annotated[str | None, _about("Taken earlier.", "2021-01-01T12:00")]
_Folder = Annotated[str | None, _about("In it or below.", "2019/party")]
_Type = Annotated[str | None, _about("One or more types.", "heic", "raw,jpeg")]
_Camera = Annotated[str | None, _about("A part of its maker or model.", "pixel")]
_Near = Annotated[str | None, _about("Degrees and a radius.", "48.86,2.35,5km")]
_Has = Annotated[str | None, _about("gps, keywords, rating; all of those given.", "gps")]
_Orientation = Annotated[str | None, _about("landscape, portrait or square.", "portrait")]
_Side = Annotated[int | None, _about("Pixels at least.", 2000, ge=1, le=_MOST_PIXELS)]
_Megapixels = Annotated[float | None, _about("At least.", 12, ge=0, le=_MOST_MEGAPIXELS)]
_Rating = Annotated[int | None, _about("Stars at least.", 4, ge=1, le=5)]
_Keyword = Annotated[str | None, _about("Keywords, all of those given.", "lena,beach")]
_Like = Annotated[str | None, _about("Ids of photos that it shall be like.")]


@router.get("/search", operation_id="search", responses=responses(400, 404, 410, 503))
async def search(
    house: HouseDep,
    searches: SearchesDep,
    q: _Q = "",
    limit: _Limit = DEFAULT_RESULTS,
    rerank: _Rerank = True,
    spelling: _Spelling = True,
    parse: _Parse = True,
    min_relevance: _Relevance = None,
    sort: _Sort = None,
    cursor: _Cursor = None,
    after: _After = None,
    before: _Before = None,
    folder: _Folder = None,
    type: _Type = None,
    camera: _Camera = None,
    near: _Near = None,
    has: _Has = None,
    orientation: _Orientation = None,
    min_width: _Side = None,
    min_height: _Side = None,
    min_megapixels: _Megapixels = None,
    rating: _Rating = None,
    keyword: _Keyword = None,
    like: _Like = None,
) -> SearchResponse:
    """Photos that show what the words say, best first."""
    given = locals()
    asked = Asked(**{field.name: given[field.name] for field in fields(Asked)})
    return search_response(await searches.answer(house.search, make_query(asked)))


class SearchBody(BaseModel):
    """``POST /search``: the parameters of ``GET /search`` as JSON."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"example": {"q": "dog on a beach", "limit": 10, "after": "2020"}},
    )

    q: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST_RESULTS)] = DEFAULT_RESULTS
    rerank: bool = True
    spelling: bool = True
    parse: bool = True
    min_relevance: str | None = None
    sort: str | None = None
    cursor: str | None = None
    after: str | None = None
    before: str | None = None
    folder: str | None = None
    type: str | None = None
    camera: str | None = None
    near: str | None = None
    has: str | None = None
    orientation: str | None = None
    min_width: Annotated[int | None, Field(ge=1, le=_MOST_PIXELS)] = None
    min_height: Annotated[int | None, Field(ge=1, le=_MOST_PIXELS)] = None
    min_megapixels: Annotated[float | None, Field(ge=0, le=_MOST_MEGAPIXELS)] = None
    rating: Annotated[int | None, Field(ge=1, le=5)] = None
    keyword: str | None = None
    like: str | None = None


async def search_by_picture(
    request: Request, house: HouseDep, searches: SearchesDep, uploads: UploadsDep
) -> SearchResponse:
    """Photos like the picture in the field image, with the parameters as further fields."""
    try:
        uploads.acquire_on_behalf_of_nowait(request)
    except anyio.WouldBlock as error:
        raise Overloaded("Too many pictures at once. Try again in a moment.") from error
    try:
        data, given = await read_upload(request, SearchBody)
        answer = await searches.answer(_by_picture, house, data, Asked(**given))
    except PhotoError as error:
        raise refusal(error) from error
    finally:
        uploads.release_on_behalf_of(request)
    return search_response(answer)


def _by_picture(house: House, data: bytes, asked: Asked) -> SearchAnswer:
    return house.search(make_query(asked, house.encoded(data)))


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
    "description": "image: a picture to search by; the parameters as further fields.",
    "properties": {"image": {"type": "string", "format": "binary"}},
}


@router.post(
    "/search",
    operation_id="searchWithBody",
    responses=responses(400, 404, 410, 413, 415, 422, 503),
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def search_with_body(
    house: HouseDep, searches: SearchesDep, body: SearchBody
) -> SearchResponse:
    """The same with the parameters in the body."""
    asked = Asked(**body.model_dump())
    return search_response(await searches.answer(house.search, make_query(asked)))


@router.get("/suggestions", operation_id="getSuggestions", responses=responses(503))
async def suggestions(house: HouseDep, searches: SearchesDep) -> SuggestionsResponse:
    """What could be asked for: words that find something here, and values for the filters."""
    return suggestions_response(await searches.run(house.suggestions))
