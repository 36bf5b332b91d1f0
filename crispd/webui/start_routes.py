"""Routes of the page at ``/``, which works without scripts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from crispd.api.dependencies import CallerDep, SearchesDep, SearchPool, ServiceDep
from crispd.api.routes.search import answered
from crispd.api.schemas import status_response
from crispd.api.search_parameters import SearchParameters
from crispd.api.search_schemas import search_response
from crispd.errors import CrispdError, NotFound, outcome_of
from crispd.http.query_parameters import FOR_PEOPLE
from crispd.http.threads import in_thread
from crispd.http.uploads import fields_of
from crispd.sample_queries import FIRST_QUERY
from crispd.search.results.collapsed_pages import MAX_COLLAPSED_IDS
from crispd.types import code_of
from crispd.types.arrays import displayable_text
from crispd.webui.pairing_routes import pairing_url
from crispd.webui.rendering import RendererDep

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from crispd.service_facade import ServiceFacade
    from crispd.types import PhotoRecord, ResultPage

    Page = tuple[str, dict[str, Any]]

router = APIRouter(include_in_schema=False, tags=[FOR_PEOPLE])

_LIMIT = 60
_FIRST_ROWS = 6  # photos
_NAMES = SearchParameters.model_fields.keys() - {"limit", "cursor"}
# How photos stand, and where an answer ends: nothing is chosen by them.
_NOT_FILTERS = {"sort", "min_relevance", "group"}
# What switches folding off, in an address of the page.
_EVERY_COPY = "none"
_MOST_COPIES = MAX_COLLAPSED_IDS + 1


@router.head("/")
@router.get("/")
async def start_page(
    request: Request,
    service: ServiceDep,
    searches: SearchesDep,
    caller: CallerDep,
    renderer: RendererDep,
) -> Response:
    """The document: its search form, and the photos that answer it; strangers are led to pair.

    The page's scripts find the same answer in it, so that nobody waits for a second request.
    """
    if not caller.has_scope("search"):
        return RedirectResponse(pairing_url(request), 303)
    ids = request.query_params.get("copies", "").split(",")[:_MOST_COPIES]
    status = 200
    try:
        template, values = await (
            _copies_page(service, ids) if any(ids) else _answer_page(request, service, searches)
        )
    except CrispdError as error:
        status = outcome_of(error).status
        template, values = "error.html", {"error": error}
    values["q"] = displayable_text(request.query_params.get("q", ""))
    return renderer.page(request, template, values, caching="no-store", status=status)


async def _copies_page(service: ServiceFacade, ids: list[str]) -> Page:
    """Photos by their ids; those that are still there."""

    def found() -> list[PhotoRecord]:
        photos = []
        for photo_id in ids:
            with suppress(NotFound):
                photos.append(service.photo(photo_id))
        return photos

    photos, status = await asyncio.gather(in_thread(found), in_thread(service.status))
    return "copies.html", {"photos": photos, "status": status}


async def _answer_page(request: Request, service: ServiceFacade, searches: SearchPool) -> Page:
    """What an address asks for; without words all photos, or what to do where there are none."""
    query = request.query_params
    parameters = _parameters(query)
    status, answer = await asyncio.gather(
        in_thread(service.status),
        searches.answer(answered, service, parameters.to_request(request.headers)),
    )
    values = {
        "answer": answer,
        "status": status,
        "preloaded": () if query.keys() & {"view", "photo"} else answer.hits[:_FIRST_ROWS],
        "given": {
            "answer": search_response(answer).model_dump(mode="json"),
            "status": asdict(status_response(status)),
        },
    }
    if not parameters.q:
        address = str(request.base_url).rstrip("/")
        return "home.html", {**values, "address": address, "first_query": FIRST_QUERY}
    return "results.html", {**values, **_result_values(answer, parameters, query)}


def _result_values(
    answer: ResultPage, parameters: SearchParameters, query: QueryParams
) -> dict[str, Any]:
    likely = [hit for hit in answer.hits if hit.relevance in {"likely", None}]
    rest = [hit for hit in answer.hits if hit.relevance not in {"likely", None}]
    as_written = all_of_it = None
    if any(code_of(note) == "spelling" for note in answer.notes):
        as_written = _address({**query, "spelling": "false"})
    if answer.likely is not None and parameters.min_relevance != "all":
        all_of_it = _address({"q": parameters.q, "min_relevance": "all"})
    return {
        "likely": likely,
        "rest": answer.closest or rest,
        "heading": "closest" if answer.closest else "maybe",
        "as_written": as_written,
        "all_of_it": all_of_it,
        "milliseconds": round(answer.timings_ms.get("total", 0)),
    }


def _address(query: dict[str, str]) -> str:
    return "/?" + urlencode(query, errors="replace")


def _parameters(query: QueryParams) -> SearchParameters:
    """What an address of the page asks for, as its scripts would. Raises QueryError.

    With nothing asked for, all photos there are. Copies are folded unless the address says not to.
    """
    known: dict[str, Any] = {
        name: value for name, value in query.items() if name in _NAMES and value
    }
    if known.pop("group", None) != _EVERY_COPY:
        known["group"] = "duplicates"
    if not known.keys() - _NOT_FILTERS:
        known["min_width"] = "1"
    return fields_of({**known, "limit": _LIMIT}, SearchParameters)
