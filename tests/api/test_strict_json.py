"""Bodies of JSON, read strictly."""

from __future__ import annotations

import importlib
import json
import pkgutil

import pytest
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

import crispd.api.routes
import crispd.webui
from crispd.http.strict_json import JsonRoute, read_json


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 1}', "a is given more than once"),
        ('{"b": {"a": 1, "\\u0061": 2}}', "a is given more than once"),
        ('[{"a": 1}, {"a": 1, "a": 2}]', "more than once"),
        ("[" * 100_000, "nested"),
        ("[" * 500 + "]" * 500, "nested"),
        ('{"a":' * 9 + "1" + "}" * 9, "nested"),
        ("1" * 5000, "number"),
        (b'"\xff"', "UTF-8"),
        ("[" + "0," * 1000 + "0]", "values"),
        ("{" + ",".join(f'"{n}":0' for n in range(65)) + "}", "65 fields"),
    ],
)
def test_what_is_refused(text: str | bytes, words: str) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(HTTPException, match=words) as refused:
        read_json(data)
    assert refused.value.status_code == 400
    assert len(refused.value.detail) < 200


@pytest.mark.parametrize("value", [{}, [], None, 1.5, {"a": [1, {"b": "c"}]}, {"q": "ü" * 10_000}])
def test_everything_else_is_what_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


def test_what_is_no_json_is_told_by_place() -> None:
    with pytest.raises(json.JSONDecodeError):
        read_json(b'{"a": }')


def test_every_route_with_a_body_reads_it_strictly() -> None:
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for package in (crispd.api.routes, crispd.webui)
        for module in pkgutil.iter_modules(package.__path__)
    ]
    routes = [
        route
        for module in modules
        for route in getattr(getattr(module, "router", None), "routes", [])
    ]
    taking = [route for route in routes if isinstance(route, APIRoute) and route.body_field]
    assert len(taking) >= 6
    for route in taking:
        assert isinstance(route, JsonRoute), route.path
