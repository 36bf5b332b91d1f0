"""``/search``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.parameters import refuse_not_built
from crispd.api.problems import responses
from crispd.api.schemas import SearchResponse, search_response
from crispd.api.state import HouseDep, SearchesDep
from crispd.search.validate import DEFAULT_RESULTS, MOST_RESULTS, make_query

router = APIRouter(tags=["search"])

_Optional = Annotated[str | None, Query(description="Not built yet: answers 400.")]
_Limit = Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Photos at most.")]


@router.get("/search", operation_id="search", responses=responses(400, 503))
async def search(
    house: HouseDep,
    searches: SearchesDep,
    q: Annotated[str, Query(description="What the photo shows.", examples=["dog on a beach"])] = "",
    limit: _Limit = DEFAULT_RESULTS,
    rerank: Annotated[bool, Query(description="false: the coarse order.")] = True,
    spelling: Annotated[bool, Query(description="false: words as they are written.")] = True,
    min_relevance: Annotated[str | None, Query(description="Only `all` so far.")] = None,
    sort: Annotated[str | None, Query(description="Only `relevance` so far.")] = None,
    cursor: _Optional = None,
    after: _Optional = None,
    before: _Optional = None,
    folder: _Optional = None,
    type: _Optional = None,
    camera: _Optional = None,
    like: _Optional = None,
) -> SearchResponse:
    """Photos that show what the words say, best first."""
    refuse_not_built(
        {
            "cursor": cursor, "after": after, "before": before, "folder": folder, "type": type,
            "camera": camera, "like": like, "min_relevance": min_relevance, "sort": sort,
        }
    )  # fmt: skip
    query = make_query(q, limit=limit, rerank=rerank, spelling=spelling)
    return search_response(await searches.run(house.search, query))


class SearchBody(BaseModel):
    """``POST /search``: the parameters of ``GET /search`` as JSON."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"example": {"q": "dog on a beach", "limit": 10}},
    )

    q: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST_RESULTS)] = DEFAULT_RESULTS
    rerank: bool = True
    spelling: bool = True
    min_relevance: str | None = None
    sort: str | None = None
    cursor: str | None = None
    after: str | None = None
    before: str | None = None
    folder: str | None = None
    type: str | None = None
    camera: str | None = None
    like: str | None = None


@router.post("/search", operation_id="searchWithBody", responses=responses(400, 503))
async def search_with_body(
    house: HouseDep, searches: SearchesDep, body: SearchBody
) -> SearchResponse:
    """The same with the parameters in the body."""
    given: dict[str, Any] = body.model_dump(exclude={"q", "limit", "rerank", "spelling"})
    refuse_not_built(given)
    query = make_query(body.q, limit=body.limit, rerank=body.rerank, spelling=body.spelling)
    return search_response(await searches.run(house.search, query))
