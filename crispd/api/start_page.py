"""The page at ``/``: a search form that needs no script, and where to look next."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from crispd.api.state import HouseDep, SearchesDep, in_thread
from crispd.errors import CrispdError
from crispd.search.validate import make_query
from crispd.types import displayable

if TYPE_CHECKING:
    from crispd.types import SearchAnswer, ServiceStatus

router = APIRouter(include_in_schema=False)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:72rem;padding:1rem}
form{display:flex;gap:.5rem}input,button{font:inherit;padding:.6rem .8rem;min-height:44px}
input{flex:1;min-width:0}
ul{list-style:none;margin:1rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.5rem}
img{display:block;height:11rem;width:auto;max-width:100%;background:#8883;border-radius:.3rem}
small,footer{opacity:.75}
"""
_SHOWN = 60


@router.get("/")
async def page(
    house: HouseDep, searches: SearchesDep, q: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """The form, and the photos that answer it."""
    try:
        status = await in_thread(house.status)
        answer = (
            await searches.run(house.search, make_query(q, limit=_SHOWN)) if q.strip() else None
        )
        body = _body(q, status, answer)
    except CrispdError as error:
        body = f"{_form(q)}<p>{escape(str(error))}</p>"
    return HTMLResponse(_document(body), headers=_HEADERS)


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


def _body(q: str, status: ServiceStatus, answer: SearchAnswer | None) -> str:
    waits = f", {status.pending} waiting" if status.pending else ""
    failed = f", <a href='/problems'>{status.failed} not readable</a>" if status.failed else ""
    footer = (
        f"<footer>{status.photos} photos are searchable{waits}{failed}. "
        "<a href='/status'>Status</a>, <a href='/openapi.json'>the calls for programs</a>.</footer>"
    )
    return f"{_form(q)}{_results(answer) if answer else ''}{footer}"


def _results(answer: SearchAnswer) -> str:
    items = "".join(
        f'<li><a href="/photos/{hit.photo.id}/original"><img loading="lazy" '
        f'src="/photos/{hit.photo.id}/thumbnail" '
        f'width="{hit.photo.metadata.width}" height="{hit.photo.metadata.height}" '
        f'alt="{escape(displayable(hit.photo.path), quote=True)}"></a></li>'
        for hit in answer.hits
    )
    took = answer.timings_ms.get("total", 0.0)
    return f"<ul>{items}</ul><p><small>{len(answer.hits)} photos in {took:.0f} ms</small></p>"
