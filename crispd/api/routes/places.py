"""The route ``/places``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import SearchesDep, ServiceDep
from crispd.api.schemas import Place
from crispd.api.search_parameters import with_filters
from crispd.filters.values import parse_bounds
from crispd.query.request import make_filters
from crispd.service_facade import ServiceFacade
from crispd.types import PlaceCount, displayable

router = APIRouter(tags=["search"])
_MOST = 1000
_LONGEST = 200


@with_filters
class PlacesParameters(BaseModel):
    """A page, and the filters of the table."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(description="Places at most.", ge=1, le=_MOST)] = 100
    offset: Annotated[int, Field(description="How many to pass over.", ge=0, le=2**31)] = 0
    q: Annotated[str, Field(description="A part of a name.", max_length=_LONGEST)] = ""
    bounds: Annotated[
        str | None,
        Field(
            description="A part of a map: south,west,north,east in degrees.",
            examples=["47.2,5.8,55.1,15.1"],
            max_length=_LONGEST,
        ),
    ] = None


class PlaceFacet(Place):
    """``latitude`` and ``longitude``: the middle of its photos in degrees, or of its city where
    they have no positions; null where that is not known.
    """

    latitude: float | None
    longitude: float | None
    count: int


class Places(BaseModel):
    """A page of them; ``total`` counts all."""

    places: list[PlaceFacet]
    total: int


@router.get("/places", operation_id="getPlaces")
async def places(
    service: ServiceDep, searches: SearchesDep, given: Annotated[PlacesParameters, Query()]
) -> Places:
    """Where the photos that the filters let through were taken, most photos first."""
    asked = given.model_dump()
    limit, offset = asked.pop("limit"), asked.pop("offset")
    found = await searches.run(_found, service, asked)
    return places_response(found, limit, offset)


def _found(service: ServiceFacade, asked: dict[str, Any]) -> list[PlaceCount]:
    part, bounds = asked.pop("q"), asked.pop("bounds")
    return find_places(service, asked, part, bounds)


def find_places(
    service: ServiceFacade, filters: Mapping[str, Any], part: str, bounds: str | None
) -> list[PlaceCount]:
    """By filters as they are written. Raises QueryError."""
    shown = None if bounds is None else parse_bounds(bounds)
    return service.places(make_filters(filters, service.hemisphere), part, shown)


def places_response(found: Sequence[PlaceCount], limit: int, offset: int = 0) -> Places:
    """A page as JSON."""
    return Places(
        places=[
            PlaceFacet(
                name=_shown(each.names.city),
                region=_shown(each.names.region),
                country=_shown(each.names.country),
                latitude=each.position and each.position.latitude,
                longitude=each.position and each.position.longitude,
                count=each.count,
            )
            for each in found[offset : offset + limit]
        ],
        total=len(found),
    )


def _shown(name: str | None) -> str | None:
    return name and displayable(name)
