"""The OpenAPI document: FastAPI's, plus what FastAPI cannot know of the routes.

That is: possible errors of each call, the scope it needs, and examples. Examples are real responses
of a service with the sample album; ``python -m tests.e2e.examples`` renews them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from crispd.api.schemas import ProblemDetails
from crispd.auth.scopes import ANY_HOST, OPEN_OPERATIONS, required_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    Json = dict[str, Any]

# A wrong parameter, no token or an unknown one, a missing scope or a stranger's page, another name
# than crispd's, too many wrong tokens, a bug, and starting, stopping or busy.
_ANY = (400, 401, 403, 421, 429, 500, 503)
_WITH_BODY = (413,)
_FIRST_ERROR = 400
_MISDIRECTED = 421
_WAIT = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "Token of a device."},
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The same."},
}
_BINARY = {"type": "string", "format": "binary"}
_TEXTS = {"application/openmetrics-text", "application/x-x509-ca-cert"}
_FASTAPIS = ("HTTPValidationError", "ValidationError")  # crispd answers 400 with a problem


def describe(app: FastAPI) -> None:
    """Complete what ``app.openapi()`` gives."""
    made = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(deepcopy(made()))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


@cache
def examples() -> Json:
    """``calls`` by operation id, each with ``answer`` and ``asked``; ``problems`` by status."""
    text = files("crispd.api").joinpath("examples.json").read_text("utf-8")
    found: Json = json.loads(text)
    return found


def _complete(document: Json) -> Json:
    parts = document["components"]
    schemas = parts["schemas"]
    for name in _FASTAPIS:
        schemas.pop(name, None)
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
    used: set[int] = set()
    for call in _calls(document):
        errors = _errors(call)
        used |= errors
        given = {code: answer for code, answer in call["responses"].items() if int(code) < 400}
        refused = {str(status): {"$ref": _place(status)} for status in sorted(errors)}
        call["responses"] = given | refused
        _type_bodies(call["responses"])
        call["security"] = _security(call["operationId"])
        _exemplify(call, examples()["calls"].get(call["operationId"], {}))
    parts["responses"] = {f"Problem{status}": _problem(status) for status in sorted(used)}
    parts["securitySchemes"] = _SCHEMES
    return document


def _calls(document: Json) -> Iterator[Json]:
    for methods in document["paths"].values():
        yield from methods.values()


def _errors(call: Json) -> set[int]:
    """Those that the route names, and those that are in front of every route."""
    named = {
        int(code)
        for code, answer in call["responses"].items()
        if int(code) >= _FIRST_ERROR and "application/json" not in answer.get("content", {})
    }
    found = named.union(_ANY, _WITH_BODY if "requestBody" in call else ())
    return found - {_MISDIRECTED} if call["operationId"] in ANY_HOST else found


def _type_bodies(answers: Json) -> None:
    """FastAPI knows types of JSON only; programs are generated from those of pictures and texts."""
    for answer in answers.values():
        for kind, body in answer.get("content", {}).items():
            text = kind.startswith("text/") or kind in _TEXTS
            body.setdefault("schema", {"type": "string"} if text else dict(_BINARY))


def _place(status: int) -> str:
    return f"#/components/responses/Problem{status}"


def _problem(status: int) -> Json:
    body = {
        "schema": {"$ref": "#/components/schemas/ProblemDetails"},
        "example": examples()["problems"].get(str(status), {}),
    }
    answer = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": body},
    }
    return answer | ({"headers": _WAIT} if status in (429, 503) else {})


def _security(operation: str) -> list[Json]:
    """The scope stands with the scheme; ``{}``: on loopback, as crispd comes, nothing is needed."""
    need = required_scope(operation)
    return [] if need == OPEN_OPERATIONS else [{"token": [need]}, {"key": [need]}, {}]


def _exemplify(call: Json, known: Json) -> None:
    if "asked" in known:
        call["requestBody"]["content"]["application/json"]["example"] = known["asked"]
    if "answer" in known:
        _, answer = min(call["responses"].items())
        for body in list(answer["content"].values())[:1]:
            body["example"] = known["answer"]
