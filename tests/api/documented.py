"""What the OpenAPI says of an answer that has come."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx

from crispd.server.application import create_app
from tests.api.fake_service import FakeService

_METHODS = {"HEAD": "get"}  # documented with GET


@cache
def document() -> dict[str, Any]:
    """The OpenAPI. Not to be changed: it is read once for all tests."""
    return create_app(FakeService(), "0", lambda *_: None).openapi()


def documented(answer: Any) -> None:
    """For ``event_hooks`` of clients: an answer that the OpenAPI does not tell of fails a test."""
    wrong = undocumented(document(), answer)
    assert wrong is None, f"{wrong} is not in the OpenAPI"


def undocumented(document: dict[str, Any], answer: httpx.Response) -> str | None:
    """What ``document`` does not say of an answer; None where all is as it says.

    Nothing at this address, or not by this method: that is of no operation.
    """
    call = operation(document, answer.request.method, answer.request.url.path)
    if call is None:
        return None
    name = f"{call['operationId']}: {answer.status_code}"
    said = call["responses"].get(str(answer.status_code))
    if said is None:
        return name
    if "$ref" in said:
        said = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    known = said.get("content", {})
    group = kind.partition("/")[0] + "/*"
    if kind and known and kind not in known and group not in known:
        return f"{name} with {kind}"
    return None


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """That of an address."""
    for template, methods in document["paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))
        name = _METHODS.get(method, method.lower())
        if re.fullmatch(pattern, path) and name in methods:
            found: dict[str, Any] = methods[name]
            return found
    return None
