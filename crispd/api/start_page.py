"""The page at ``/``. Its scripts take over where they run; what stands here needs none."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from crispd.api.page_routes import document
from crispd.api.pair_page import way_to_pair
from crispd.api.parameters import FOR_PEOPLE
from crispd.api.schemas import displayable_text, search_response, status_told
from crispd.api.search_parameters import SearchParameters
from crispd.api.search_routes import answered
from crispd.api.state import CallerDep, HouseDep, SearchesDep, ShellDep, in_thread
from crispd.api.uploads import fields_of
from crispd.errors import CrispdError, NotFound, outcome_of
from crispd.search.folding import MOST_IDS
from crispd.search.validate import Asked
from crispd.types import displayable

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from crispd.api.facade import House
    from crispd.types import PhotoRecord, SearchAnswer, SearchHit, ServiceStatus

router = APIRouter(include_in_schema=False, tags=[FOR_PEOPLE])

_SHOWN = 60
_ONLY_MAYBE = "Nothing is likely to show this; these may be it"
_NAMES = {field.name for field in fields(Asked)} - {"limit", "cursor"}
# How photos stand, and where an answer ends: nothing is chosen by them.
_NOT_CHOOSING = {"sort", "min_relevance", "group"}
# What switches folding off, in an address of the page.
_EVERY_COPY = "none"
_MOST_COPIES = MOST_IDS + 1
# What could end a script element.
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@router.head("/")
@router.get("/")
async def page(
    request: Request,
    house: HouseDep,
    searches: SearchesDep,
    caller: CallerDep,
    shell: ShellDep,
) -> Response:
    """The document: its search form, and the photos that answer it; strangers are led to pair.

    The page's scripts find the same answer in it, so that nobody waits for a second request.
    """
    if not caller.may("search"):
        return RedirectResponse(way_to_pair(request), 303)
    q = request.query_params.get("q", "")
    code, given = 200, ""
    try:
        ids = request.query_params.get("copies", "").split(",")[:_MOST_COPIES]
        if any(ids):
            shown, status = await asyncio.gather(
                in_thread(_copies, house, ids), in_thread(house.status)
            )
            body = f"{_list(shown)}{_footer(status)}"
        else:
            asked = _asked(request.query_params)
            status, answer = await asyncio.gather(
                in_thread(house.status), searches.answer(answered, house, asked)
            )
            address = str(request.base_url).rstrip("/")
            body = f"{_shown(asked, answer, status, address)}{_footer(status)}"
            given = _given(answer, status)
    except CrispdError as error:
        code = outcome_of(error).status
        body = f"<p>{escape(displayable_text(str(error)))}</p>"
    written = escape(displayable_text(q), quote=True)
    parts = {"q": written, "plain": body, "given": given}
    return document(request, shell.edition(), "no-store", code, **parts)


def _asked(given: QueryParams) -> Asked:
    """What an address of the page asks for, as its scripts would. Raises QueryError.

    With nothing asked for, all photos there are. Copies are folded unless the address says not to.
    """
    known = {name: value for name, value in given.items() if name in _NAMES and value}
    if known.pop("group", None) != _EVERY_COPY:
        known["group"] = "duplicates"
    if not known.keys() - _NOT_CHOOSING:
        known["min_width"] = "1"
    return replace(fields_of(known, SearchParameters).asked(), limit=_SHOWN)


def _given(answer: SearchAnswer, status: ServiceStatus) -> str:
    """``/search`` and ``/status`` as JSON inside a script element."""
    told: dict[str, Any] = {
        "answer": search_response(answer).model_dump(mode="json"),
        "status": asdict(status_told(status)),
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_UNSAFE)


def _shown(asked: Asked, answer: SearchAnswer, status: ServiceStatus, address: str) -> str:
    if asked.q or not status.photos:
        return _results(answer, asked) if asked.q else _advice(status, address)
    return f"{_advice(status, address)}{_photos(list(answer.hits))}"


def _advice(status: ServiceStatus, address: str) -> str:
    """What to do next."""
    if not status.photos:
        told = (
            "Photos appear here as they are indexed; this page need not wait for the last one."
            if status.pending or status.scanning
            else "There are no photos in the folders yet: put some there, or see "
            "<a href='/folders'>which folders are watched</a>."
        )
        return f"<p>{told}</p>"
    curl = escape(f"curl '{address}/search?q=dog+on+a+beach&limit=5'")
    return f"<p>Say what a photo shows, in a few words. In a terminal: <code>{curl}</code></p>"


def _footer(status: ServiceStatus) -> str:
    waits = f", {status.pending} waiting" if status.pending else ""
    failed = f", <a href='/problems'>{status.failed} not readable</a>" if status.failed else ""
    return (
        f"<footer>{status.photos} photos are searchable{waits}{failed}. "
        "<a href='/status'>Status</a>, <a href='/openapi.json'>the calls for programs</a>.</footer>"
    )


def _results(answer: SearchAnswer, asked: Asked) -> str:
    took = answer.timings_ms.get("total", 0.0)
    told = "".join(f"<p>{escape(note)}</p>" for note in answer.notes)
    likely = [hit for hit in answer.hits if hit.relevance in {"likely", None}]
    rest = [hit for hit in answer.hits if hit.relevance not in {"likely", None}]
    divide = "" if not rest else f"<p>{'These may be it' if likely else _ONLY_MAYBE}:</p>"
    counts, everything = "", ""
    if answer.likely is not None:
        counts = f" ({answer.likely} likely, {answer.maybe} may be it)"
        all_of_it = {"q": asked.q, "min_relevance": "all"}
        address = escape("/?" + urlencode(all_of_it, errors="replace"))
        shown = asked.min_relevance == "all"
        everything = "" if shown else f" <a href='{address}'>Show the others too</a>"
    return (
        f"{told}{_photos(likely)}{divide}{_photos(rest)}"
        f"<p><small>{len(answer.hits)} photos in {took:.0f} ms{counts}.{everything}</small></p>"
    )


def _copies(house: House, ids: list[str]) -> list[str]:
    """Those that are still there."""
    shown = []
    for each in ids:
        with suppress(NotFound):
            shown.append(_photo(house.photo(each)))
    return shown


def _photos(hits: list[SearchHit]) -> str:
    return _list([f"{_photo(hit.photo)}{_folded(hit)}" for hit in hits])


def _photo(photo: PhotoRecord) -> str:
    return (
        f'<a href="/photos/{photo.id}/original"><img loading="lazy" '
        f'src="/photos/{photo.id}/thumbnail" '
        f'width="{photo.metadata.width}" height="{photo.metadata.height}" '
        f'alt="{escape(displayable(photo.path), quote=True)}"></a>'
    )


def _folded(hit: SearchHit) -> str:
    if not hit.duplicates:
        return ""
    ids = ",".join((hit.photo.id, *hit.duplicate_ids))
    return f'<p><a href="/?copies={ids}">All {hit.duplicates + 1}</a></p>'


def _list(photos: list[str]) -> str:
    items = "".join(f"<li>{each}</li>" for each in photos)
    return f"<ul>{items}</ul>" if items else ""
