"""The route ``/suggestions``."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from crispd.api.dependencies import SearchesDep, ServiceDep
from crispd.types import Suggestions, displayable

router = APIRouter(tags=["search"])


class Choice(BaseModel):
    """A value for a filter, and how many photos it lets through."""

    value: str
    count: int


class SuggestionsResponse(BaseModel):
    """What could be asked for here. ``words`` find something, the surest first.

    ``complete``: all words have been tried; where not, ask again in a moment for more.
    """

    words: list[str]
    complete: bool
    types: list[Choice]
    cameras: list[Choice]
    years: list[Choice]
    folders: list[Choice]
    people: list[Choice] = []
    places: list[Choice] = []
    keywords: list[Choice] = []


@router.get("/suggestions", operation_id="getSuggestions")
async def suggestions(service: ServiceDep, searches: SearchesDep) -> SuggestionsResponse:
    """What could be asked for: words that find something here, and values for the filters."""
    return suggestions_response(await searches.run(service.suggestions))


def suggestions_response(found: Suggestions) -> SuggestionsResponse:
    """Suggestions as JSON."""
    facets = {
        name: [Choice(value=displayable(item.value), count=item.count) for item in items]
        for name, items in (
            ("types", found.facets.types),
            ("cameras", found.facets.cameras),
            ("years", found.facets.years),
            ("folders", found.facets.folders),
            ("people", found.facets.people),
            ("places", found.facets.places),
            ("keywords", found.facets.keywords),
        )
    }
    return SuggestionsResponse(words=list(found.words), complete=found.complete, **facets)
