"""Error responses as problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from crispd.errors import CrispdError, NotReady, Overloaded, TooManyFailures, outcome_of
from crispd.http.validation_errors import error_sentences
from crispd.types.arrays import displayable_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI, Request
    from starlette.routing import BaseRoute

log = logging.getLogger(__name__)

_RETRY_SECONDS = "1"
UNEXPECTED = "Something went wrong inside crispd; its log says more."


def problem(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem+json response."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        # may repeat what a client sent, and lone surrogates cannot be written as UTF-8
        "detail": displayable_text(detail),
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def problem_of(error: CrispdError) -> JSONResponse:
    """The problem that ``OUTCOMES`` makes of an error."""
    outcome = outcome_of(error)
    busy = isinstance(error, NotReady | Overloaded)
    headers = {"Retry-After": _RETRY_SECONDS} if busy else None
    if isinstance(error, TooManyFailures):
        headers = {"Retry-After": str(error.seconds)}
    return problem(outcome.status, outcome.title, str(error), headers)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of problems that are a route's own; ``document`` adds what any may be."""
    return {status: {"description": HTTPStatus(status).phrase} for status in statuses}


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Answer every error with a problem. ``routes`` is what a wrong method is explained with."""

    async def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return _http_error(request, error, _methods(routes, request.url.path))

    app.add_exception_handler(CrispdError, _crispd_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, _unexpected)


async def _crispd_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CrispdError)
    # a service that is starting or busy says so to its callers; its log need not repeat it
    expected = isinstance(error, NotReady | Overloaded)
    if outcome_of(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR and not expected:
        log.warning("%s %r: %s", request.method, request.url.path, error)
    return problem_of(error)


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(400, "Bad request", error_sentences(request, error.errors()))


def _http_error(request: Request, error: HTTPException, methods: list[str]) -> JSONResponse:
    title = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers or {})
    detail = f"{str(error.detail).rstrip('.')}."
    if error.status_code == HTTPStatus.NOT_FOUND and error.detail == title:
        detail = "There is nothing at this address. The calls are listed at /openapi.json."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(methods) or headers.get("Allow", "")
        headers["Allow"] = allowed
        detail = f"{request.method} is not possible here. Allowed: {allowed}."
    return problem(error.status_code, title, detail, headers)


def _methods(routes: Sequence[BaseRoute], path: str) -> list[str]:
    """All methods of an address: each is a route of its own, so no route knows the others."""
    found = (route for route in routes if isinstance(route, APIRoute))
    matching = [route.methods or set() for route in found if route.path_regex.match(path)]
    return sorted({method for methods in matching for method in methods})


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %r failed", request.method, request.url.path, exc_info=error)
    return problem(500, "Internal error", UNEXPECTED)
