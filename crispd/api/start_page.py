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
from crispd.api.words import Words, WordsDep
from crispd.errors import CrispdError, NotFound, outcome_of
from crispd.first_queries import FIRST_QUERY
from crispd.search.folding import MOST_IDS
from crispd.search.validate import Asked
from crispd.types import code_of, displayable

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from crispd.api.facade import House
    from crispd.types import PhotoRecord, SearchAnswer, SearchHit, ServiceStatus

router = APIRouter(include_in_schema=False, tags=[FOR_PEOPLE])

_SHOWN = 60
_FIRST_ROWS = 6  # photos
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
    words: WordsDep,
) -> Response:
    """The document: its search form, and the photos that answer it; strangers are led to pair.

    The page's scripts find the same answer in it, so that nobody waits for a second request.
    """
    if not caller.may("search"):
        return RedirectResponse(way_to_pair(request), 303)
    q = request.query_params.get("q", "")
    code, given, early = 200, "", ""
    try:
        ids = request.query_params.get("copies", "").split(",")[:_MOST_COPIES]
        if any(ids):
            shown, status = await asyncio.gather(
                in_thread(_copies, house, ids), in_thread(house.status)
            )
            body = f"{_list(shown)}{_footer(status, words)}"
        else:
            asked = _asked(request.query_params)
            status, answer = await asyncio.gather(
                in_thread(house.status), searches.answer(answered, house, asked)
            )
            address = str(request.base_url).rstrip("/")
            as_written = "/?" + urlencode(
                {**request.query_params, "spelling": "false"}, errors="replace"
            )
            body = (
                f"{_shown(asked, answer, status, address, as_written, words)}"
                f"{_footer(status, words)}"
            )
            given = _given(answer, status)
            early = _early(answer, request.query_params)
    except CrispdError as error:
        code = outcome_of(error).status
        body = f"<p>{words.of_error(error)}</p>"
    written = escape(displayable_text(q), quote=True)
    parts = {"q": written, "plain": body, "given": given, "early": early}
    return document(request, shell.edition(), words, "no-store", code, **parts)


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


def _early(answer: SearchAnswer, given: QueryParams) -> str:
    """Thumbnails that a phone's scripts will ask for first, so that both are loaded at once."""
    if given.keys() & {"view", "photo"}:
        return ""
    return "".join(
        f'<link rel="preload" as="image" media="(max-width: 699px)" '
        f'href="/photos/{hit.photo.id}/thumbnail?size=320">\n'
        for hit in answer.hits[:_FIRST_ROWS]
    )


def _shown(
    asked: Asked,
    answer: SearchAnswer,
    status: ServiceStatus,
    address: str,
    as_written: str,
    words: Words,
) -> str:
    if asked.q:
        return _results(answer, asked, as_written, words)
    photos = _photos(list(answer.hits), words) if status.photos else ""
    return f"{_advice(status, address, words)}{photos}"


def _advice(status: ServiceStatus, address: str, words: Words) -> str:
    """What to do next."""
    if status.photos:
        curl = escape(f"curl '{address}/search?q={FIRST_QUERY}&limit=5'")
        return f"<p>{words('plain_advice', curl=f'<code>{curl}</code>')}</p>"
    if status.pending or status.scanning:
        return f"<p>{words('empty_indexing')}</p>"
    return f"<p>{words('empty_words')} <a href='/folders'>{words('see_folders')}</a></p>"


def _footer(status: ServiceStatus, words: Words) -> str:
    told = [words("searchable", n=status.photos)]
    if status.pending:
        told.append(words("waiting", n=status.pending))
    if status.failed:
        told.append(f"<a href='/problems'>{words('problem_count', n=status.failed)}</a>")
    told.append(f"<a href='/status'>{words('house')}</a>")
    told.append(f"<a href='/openapi.json'>{words('plain_calls')}</a>")
    return f"<footer>{' · '.join(told)}</footer>"


def _results(answer: SearchAnswer, asked: Asked, as_written: str, words: Words) -> str:
    told = "".join(f"<p>{words.of_note(note)}</p>" for note in answer.notes)
    if any(code_of(note) == "spelling" for note in answer.notes):
        told += f"<p><a href='{escape(as_written, quote=True)}'>{words('as_written')}</a></p>"
    likely = [hit for hit in answer.hits if hit.relevance in {"likely", None}]
    rest = [hit for hit in answer.hits if hit.relevance not in {"likely", None}]
    divide = f"<h2>{words('maybe')}</h2>" if rest else ""
    if answer.closest:
        divide, rest = f"<h2>{words('closest')}</h2>", list(answer.closest)
    took = words("plain_took", n=len(answer.hits), ms=round(answer.timings_ms.get("total", 0)))
    counts, everything = "", ""
    if answer.likely is not None:
        counts = (
            f" {words('found_likely', n=answer.likely)}, {words('found_maybe', n=answer.maybe)}."
        )
        all_of_it = {"q": asked.q, "min_relevance": "all"}
        address = escape("/?" + urlencode(all_of_it, errors="replace"))
        shown = asked.min_relevance == "all"
        everything = "" if shown else f" <a href='{address}'>{words('show_all')}</a>"
    return (
        f"{told}{_photos(likely, words)}{divide}{_photos(rest, words)}"
        f"<p><small>{took}.{counts}{everything}</small></p>"
    )


def _copies(house: House, ids: list[str]) -> list[str]:
    """Those that are still there."""
    shown = []
    for each in ids:
        with suppress(NotFound):
            shown.append(_photo(house.photo(each)))
    return shown


def _photos(hits: list[SearchHit], words: Words) -> str:
    return _list([f"{_photo(hit.photo)}{_folded(hit, words)}" for hit in hits])


def _photo(photo: PhotoRecord) -> str:
    return (
        f'<a href="/photos/{photo.id}/original"><img loading="lazy" '
        f'src="/photos/{photo.id}/thumbnail" '
        f'width="{photo.metadata.width}" height="{photo.metadata.height}" '
        f'alt="{escape(displayable(photo.path), quote=True)}"></a>'
    )


def _folded(hit: SearchHit, words: Words) -> str:
    if not hit.duplicates:
        return ""
    ids = ",".join((hit.photo.id, *hit.duplicate_ids))
    return f'<p><a href="/?copies={ids}">{words("show_copies", n=hit.duplicates + 1)}</a></p>'


def _list(photos: list[str]) -> str:
    items = "".join(f"<li>{each}</li>" for each in photos)
    return f"<ul>{items}</ul>" if items else ""
