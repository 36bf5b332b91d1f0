"""The route ``/people``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import SearchesDep, ServiceDep
from crispd.api.search_parameters import with_filters
from crispd.query.request import make_filters
from crispd.service_facade import ServiceFacade
from crispd.types import ValueCount, displayable

router = APIRouter(tags=["search"])


@with_filters
class PeopleParameters(BaseModel):
    """A page, and the filters of the table."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(description="People at most.", ge=1, le=1000)] = 100
    offset: Annotated[int, Field(description="How many to pass over.", ge=0, le=2**31)] = 0
    q: Annotated[str, Field(description="A part of a name.", max_length=200)] = ""


class PersonCount(BaseModel):
    """Somebody's name, and how many photos have it."""

    name: str
    count: int


class People(BaseModel):
    """A page of them; ``total`` counts all."""

    people: list[PersonCount]
    total: int


@router.get("/people", operation_id="getPeople")
async def people(
    service: ServiceDep, searches: SearchesDep, given: Annotated[PeopleParameters, Query()]
) -> People:
    """Who is on the photos that the filters let through, most photos first."""
    asked = given.model_dump()
    limit, offset = asked.pop("limit"), asked.pop("offset")
    found = await searches.run(_found, service, asked)
    return people_response(found, limit, offset)


def _found(service: ServiceFacade, asked: dict[str, Any]) -> list[ValueCount]:
    part = asked.pop("q")
    return service.people(make_filters(asked, service.hemisphere), part)


def people_response(found: Sequence[ValueCount], limit: int, offset: int = 0) -> People:
    """A page as JSON."""
    page = found[offset : offset + limit]
    return People(
        people=[PersonCount(name=displayable(each.value), count=each.count) for each in page],
        total=len(found),
    )
