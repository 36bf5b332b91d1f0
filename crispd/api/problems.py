"""Errors as problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from crispd.api.schemas import ProblemDetails
from crispd.errors import CrispdError, NotReady, Overloaded, outcome_of

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

log = logging.getLogger(__name__)

_RETRY_SECONDS = "1"


def problem(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem+json response."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of the problems a route may answer with."""
    schema = {"application/problem+json": {"schema": ProblemDetails.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": schema} for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error with a problem."""
    app.add_exception_handler(CrispdError, _crispd_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


async def _crispd_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CrispdError)
    outcome = outcome_of(error)
    if outcome.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s %s: %s", request.method, request.url.path, error)
    busy = isinstance(error, NotReady | Overloaded)
    headers = {"Retry-After": _RETRY_SECONDS} if busy else None
    return problem(outcome.status, outcome.title, str(error), headers)


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if request.headers.get("content-type", "").startswith("multipart/"):
        detail = "Search by a picture is not built yet: send JSON with q."
    else:
        detail = " ".join(_sentence(item) for item in error.errors())
    return problem(400, "Bad request", detail)


def _sentence(item: Any) -> str:
    """What is wrong with one parameter, with what was given and what is expected."""
    name = ".".join(str(part) for part in item["loc"][1:]) or "the request"
    if item["type"] == "missing":
        return f"{name} is missing."
    given = repr(item.get("input"))[:80]
    return f"{name} is {given}: {str(item['msg']).lower()}."


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND and detail == title:
        detail = "There is nothing at this address. The calls are listed at /openapi.json."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not possible here."
    return problem(error.status_code, title, detail, dict(error.headers or {}))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "Internal error", "Something went wrong inside crispd; its log says more.")
