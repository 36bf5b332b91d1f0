"""The page at ``/``. Its scripts take over where they run; what stands here needs none."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crispd.api.page_routes import PAGE_HEADERS
from crispd.api.parameters import FOR_PEOPLE
from crispd.api.schemas import displayable_text
from crispd.api.state import CallerDep, HouseDep, SearchesDep, ShellDep, in_thread
from crispd.errors import CrispdError, outcome_of
from crispd.search.validate import Asked, make_query
from crispd.types import displayable

if TYPE_CHECKING:
    from crispd.types import SearchAnswer, SearchHit, ServiceStatus

router = APIRouter(include_in_schema=False, tags=[FOR_PEOPLE])

_SHOWN = 60
_ONLY_MAYBE = "Nothing is likely to show this; these may be it"


@router.head("/")
@router.get("/")
async def page(
    request: Request,
    house: HouseDep,
    searches: SearchesDep,
    caller: CallerDep,
    shell: ShellDep,
    q: Annotated[str, Query()] = "",
    min_relevance: Annotated[str | None, Query()] = None,
) -> Response:
    """The document: its search form, and the photos that answer it; strangers are led to pair."""
    if not caller.may("search"):
        return RedirectResponse("/pair", 303)
    address = str(request.base_url).rstrip("/")
    code = 200
    try:
        status = await in_thread(house.status)
        asked = Asked(q, limit=_SHOWN, min_relevance=min_relevance)
        answer = await searches.answer(house.search, make_query(asked)) if q.strip() else None
        shown = _results(answer, q, min_relevance) if answer else _advice(status, address)
        body = f"{shown}{_footer(status)}"
    except CrispdError as error:
        code = outcome_of(error).status
        body = f"<p>{escape(displayable_text(str(error)))}</p>"
    written = escape(displayable_text(q), quote=True)
    filled = shell.edition().filled(q=written, plain=body)
    return HTMLResponse(filled, code, headers=PAGE_HEADERS)


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


def _results(answer: SearchAnswer, q: str, wanted: str | None) -> str:
    took = answer.timings_ms.get("total", 0.0)
    told = "".join(f"<p>{escape(note)}</p>" for note in answer.notes)
    likely = [hit for hit in answer.hits if hit.relevance in {"likely", None}]
    rest = [hit for hit in answer.hits if hit.relevance not in {"likely", None}]
    divide = "" if not rest else f"<p>{'These may be it' if likely else _ONLY_MAYBE}:</p>"
    counts, everything = "", ""
    if answer.likely is not None:
        counts = f" ({answer.likely} likely, {answer.maybe} may be it)"
        address = escape("/?" + urlencode({"q": q, "min_relevance": "all"}, errors="replace"))
        everything = "" if wanted == "all" else f" <a href='{address}'>Show the others too</a>"
    return (
        f"{told}{_photos(likely)}{divide}{_photos(rest)}"
        f"<p><small>{len(answer.hits)} photos in {took:.0f} ms{counts}.{everything}</small></p>"
    )


def _photos(hits: list[SearchHit]) -> str:
    items = "".join(
        f'<li><a href="/photos/{hit.photo.id}/original"><img loading="lazy" '
        f'src="/photos/{hit.photo.id}/thumbnail" '
        f'width="{hit.photo.metadata.width}" height="{hit.photo.metadata.height}" '
        f'alt="{escape(displayable(hit.photo.path), quote=True)}"></a></li>'
        for hit in hits
    )
    return f"<ul>{items}</ul>" if items else ""
