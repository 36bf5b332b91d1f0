"""Validation errors as sentences: the parameter, the given value, the allowed ones."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, get_args

from fastapi.routing import APIRoute
from pydantic import BaseModel

from crispd.http.query_parameters import query_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request
    from pydantic.fields import FieldInfo

_LONGEST_INPUT = 60
_MOST_SENTENCES = 5
_SHOWN = reprlib.Repr()
_SHOWN.maxlevel = 2
_SHOWN.maxother = _SHOWN.maxlong = _LONGEST_INPUT
_SEND_JSON = (
    "A JSON object is expected, sent with Content-Type: application/json, "
    'such as {"q": "a stream in the forest", "limit": 10}.'
)


def error_sentences(request: Request, errors: Sequence[Mapping[str, Any]]) -> str:
    """A validation error; of many entries the first ones."""
    return sentences_of(_fields(request), errors)


def sentences_of(fields: Mapping[str, FieldInfo], errors: Sequence[Mapping[str, Any]]) -> str:
    """The same, of what has these ``fields``."""
    told = [_sentence(fields, error) for error in errors[:_MOST_SENTENCES]]
    more = len(errors) - len(told)
    return " ".join([*told, f"And {more} more."] if more else told)


def _sentence(fields: Mapping[str, FieldInfo], error: Mapping[str, Any]) -> str:
    kind, place = error["type"], error["loc"]
    if kind == "json_invalid":
        why = error.get("ctx", {}).get("error", "")
        return f"The body is not valid JSON at character {place[-1]}: {why}. {_SEND_JSON}"
    name = ".".join(str(part) for part in place[1:])
    if not name:
        return _SEND_JSON
    if kind == "extra_forbidden":
        return f"Unknown field {name[:_LONGEST_INPUT]}. Known are: {', '.join(sorted(fields))}."
    wanted = f"; {_expected(fields[name])} is expected" if name in fields else ""
    if kind == "missing":
        return f"{name} is missing{wanted}."
    if kind == "string_too_long":
        most, length = error["ctx"]["max_length"], len(error["input"])
        return f"{name} has {length} characters; at most {most} are read."
    return f"{_cut(name)} is {_given(error.get('input'))}: {str(error['msg']).lower()}{wanted}."


def _given(value: Any) -> str:
    """What was sent, as far as it is worth repeating; long values are not written out first."""
    if isinstance(value, str):
        return _cut(repr(value[: _LONGEST_INPUT + 1]))
    return _cut(_SHOWN.repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_INPUT else text[:_LONGEST_INPUT] + "…"


def _fields(request: Request) -> dict[str, FieldInfo]:
    """The parameters of the route, or the fields of its body."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return {}
    for parameter in route.dependant.body_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            return dict(model.model_fields)
    return query_fields(route)


def _expected(field: FieldInfo) -> str:
    kinds = {field.annotation, *get_args(field.annotation)}
    if bool in kinds:
        return "true or false"
    if int not in kinds:
        return "text"
    least = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    most = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    limits = "" if least is None or most is None else f" from {least} to {most}"
    return f"a whole number{limits}"
