"""Every call of the OpenAPI, without a token and with each scope."""

from __future__ import annotations

import importlib
import itertools
import pkgutil

import httpx
import pytest
from fastapi.routing import APIRoute

import crispd.api.routes
import crispd.webui
from crispd.auth.scopes import REQUIRED_SCOPES, name_of, required_scope
from crispd.types import SCOPES
from tests.api.checks import problem
from tests.api.documented import document
from tests.api.fake_service import ID
from tests.security.server import Guarded, bearer

CALLS = [
    (method.upper(), path, operation["operationId"])
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
]
TRIED = [call for call in CALLS if REQUIRED_SCOPES.get(call[2]) != "open"]
NAMES = [call[2] for call in TRIED]


def ask(server: Guarded, method: str, path: str, **headers: str) -> httpx.Response:
    address = path.format(photo_id=ID, device_id="nobody", invitation_id="none", name="nobody")
    if path == "/events":  # has no end of its own
        with server.http.stream(method, address, headers=headers) as answer:
            if answer.status_code != 200:
                answer.read()
            return answer
    more = {"q": "a"} if (method, path) == ("GET", "/search") else None
    return server.http.request(method, address, params=more, headers=headers)


def test_every_call_has_a_scope() -> None:
    assert {operation for *_, operation in CALLS} <= set(REQUIRED_SCOPES)
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for package in (crispd.api.routes, crispd.webui)
        for module in pkgutil.iter_modules(package.__path__)
    ]
    routes = [
        route
        for module in modules
        if hasattr(module, "router")
        for route in module.router.routes
        if isinstance(route, APIRoute) and route.methods != {"HEAD"}
    ]
    assert len(routes) > len(CALLS)
    assert {name_of(route) for route in routes} <= set(REQUIRED_SCOPES)


def test_a_picture_is_a_search(server: Guarded) -> None:
    """Its route is not in the OpenAPI: it shares an address with that of JSON."""
    form = {"image": ("image", b"no picture")}
    assert server.http.post("/search", files=form).status_code == 401
    wrong = server.http.post("/search", files=form, headers=bearer(_token(server, "originals")))
    problem(wrong, 403, "lacks the scope search")
    right = server.http.post("/search", files=form, headers=bearer(_token(server, "search")))
    assert right.status_code not in {401, 403, 500}


def test_a_call_that_was_forgotten_is_for_admins() -> None:
    assert required_scope("somethingNew") == "admin"


@pytest.mark.parametrize("call", TRIED, ids=NAMES)
def test_without_a_token(server: Guarded, call: tuple[str, str, str]) -> None:
    method, path, operation = call
    answer = ask(server, method, path)
    problem(answer, 401, str(REQUIRED_SCOPES[operation]), "crispd pair")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("call", "scope"), list(itertools.product(TRIED, SCOPES)), ids=lambda value: str(value[-1])
)
def test_with_one_scope(server: Guarded, call: tuple[str, str, str], scope: str) -> None:
    method, path, operation = call
    token = _token(server, scope)
    need = REQUIRED_SCOPES[operation]
    for headers in (bearer(token), {"X-Api-Key": token}):
        answer = ask(server, method, path, **headers)
        if scope == need:
            assert answer.status_code not in {401, 403}
            assert answer.status_code < 500
        else:
            problem(answer, 403, f"lacks the scope {need}")
            assert f'scope="{need}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", [f"/photos/{ID}", f"/photos/{ID}/original", "/shared/x"])
def test_head_is_no_way_around(server: Guarded, path: str) -> None:
    assert server.http.head(path).status_code == 401


def test_open_calls_tell_nothing(server: Guarded) -> None:
    assert server.http.get("/healthz").json() == {"ok": True, "reasons": []}
    assert server.http.get("/readyz").json() == {"ok": True, "reasons": []}
    page = server.http.get("/", follow_redirects=True)
    assert page.url.path == "/pair"
    for secret in ("photos searchable", "mini@", ID, "/srv", str(server.data)):
        assert secret not in page.text
    assert server.http.get("/openapi.json").status_code == 401
    assert server.http.get("/session").json()["scopes"] == []


@pytest.mark.parametrize(
    "path", ["/Search", "/search/", "/search//", "/%73earch", "/photos/%2e%2e/x", "/search;x"]
)
def test_other_spellings_open_nothing(server: Guarded, path: str) -> None:
    answer = server.http.get(path, params={"q": "a"})
    assert answer.status_code in {401, 404, 405, 307}
    assert "results" not in answer.text


_tokens: dict[tuple[int, str], str] = {}


def _token(server: Guarded, scope: str) -> str:
    key = (server.pid, scope)
    if key not in _tokens:
        _tokens[key] = server.device(f"only {scope}", scope)["token"]
    return _tokens[key]
