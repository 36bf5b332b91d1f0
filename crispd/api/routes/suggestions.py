"""The routes ``/suggestions`` and ``/completions``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from crispd.api.dependencies import SearchesDep, ServiceDep
from crispd.http.accept_language import accepted_languages
from crispd.query.request import MAX_TEXT_LENGTH
from crispd.types import Suggestions, displayable
from crispd.types.arrays import displayable_text

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


class CompletionItem(BaseModel):
    """``text`` is shown; ``kind``: word, or the filter that it is a value of; ``count``: of its
    photos, null where nobody counted; ``q``: the whole box with it.
    """

    text: str
    kind: str
    count: int | None
    q: str


class Completions(BaseModel):
    """The best first; none twice."""

    completions: list[CompletionItem]


@router.get("/completions", operation_id="getCompletions")
async def completions(
    service: ServiceDep,
    searches: SearchesDep,
    request: Request,
    q: Annotated[str, Query(description="The box.", max_length=MAX_TEXT_LENGTH)],
    at: Annotated[
        int | None,
        Query(description="Characters before the caret; all.", ge=0, le=MAX_TEXT_LENGTH),
    ] = None,
) -> Completions:
    """What the words before the caret may become: words that find something, people, places,
    keywords, folders, cameras, years, types, text in photos and file names of this library. Words
    in the first language of Accept-Language, too.
    """
    spoken = accepted_languages(request.headers.get("accept-language", ""))
    language = next(iter(spoken), "")
    found = await searches.run(service.completions, q, len(q) if at is None else at, language)
    return Completions(
        completions=[
            CompletionItem(
                text=displayable_text(each.text),
                kind=each.kind,
                count=each.count or None,
                q=displayable_text(each.q),
            )
            for each in found
        ]
    )


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
