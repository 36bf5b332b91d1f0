"""The page at ``/``: a search form that needs no script, and where to look next."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crispd.api.state import CallerDep, HouseDep, SearchesDep, in_thread
from crispd.errors import CrispdError, outcome_of
from crispd.search.validate import Asked, make_query
from crispd.types import displayable

if TYPE_CHECKING:
    from crispd.types import SearchAnswer, SearchHit, ServiceStatus

router = APIRouter(include_in_schema=False)

_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:72rem;padding:1rem}
form{display:flex;gap:.5rem}input,button{font:inherit;padding:.6rem .8rem;min-height:44px}
input{flex:1;min-width:0}
ul{list-style:none;margin:1rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.5rem}
img{display:block;height:11rem;width:auto;max-width:100%;background:#8883;border-radius:.3rem}
small,footer{opacity:.75}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SHOWN = 60
_ONLY_MAYBE = "Nothing is likely to show this; these may be it"


@router.head("/")
@router.get("/")
async def page(
    request: Request,
    house: HouseDep,
    searches: SearchesDep,
    caller: CallerDep,
    q: Annotated[str, Query()] = "",
    min_relevance: Annotated[str | None, Query()] = None,
) -> Response:
    """The form, and the photos that answer it; for strangers, the way to pair."""
    if not caller.may("search"):
        return RedirectResponse("/pair", 303)
    address = str(request.base_url).rstrip("/")
    code = 200
    try:
        status = await in_thread(house.status)
        asked = Asked(q, limit=_SHOWN, min_relevance=min_relevance)
        answer = await searches.answer(house.search, make_query(asked)) if q.strip() else None
        shown = _results(answer, q, min_relevance) if answer else _advice(status, address)
        body = f"{_form(q)}{shown}{_footer(status)}"
    except CrispdError as error:
        code = outcome_of(error).status
        body = f"{_form(q)}<p>{escape(str(error))}</p>"
    return HTMLResponse(_document(body), code, headers=_HEADERS)


def _document(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>crispd</title><style>{_STYLE}</style><h1>crispd</h1>{body}</html>"
    )


def _form(q: str) -> str:
    value = escape(q.encode("utf-8", "replace").decode(), quote=True)
    return (
        '<form><input name="q" type="search" autofocus aria-label="What the photo shows" '
        f'placeholder="dog on a beach" value="{value}"><button>Search</button></form>'
    )


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
