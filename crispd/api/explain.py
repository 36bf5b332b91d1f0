"""What is wrong with a request, in sentences: the parameter, what was given, what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from fastapi.routing import APIRoute
from pydantic import BaseModel

from crispd.api.parameters import query_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request
    from pydantic.fields import FieldInfo

_LONGEST_INPUT = 60
_SEND_JSON = (
    "A JSON object is expected, sent with Content-Type: application/json, "
    'such as {"q": "a stream in the forest", "limit": 10}.'
)


def sentence(request: Request, error: Mapping[str, Any]) -> str:
    """One entry of a validation error."""
    return sentence_of(_fields(request), error)


def sentence_of(fields: Mapping[str, FieldInfo], error: Mapping[str, Any]) -> str:
    """The same, of what has these ``fields``."""
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
    given = repr(error.get("input"))
    given = given if len(given) <= _LONGEST_INPUT else given[:_LONGEST_INPUT] + "…"
    return f"{name} is {given}: {str(error['msg']).lower()}{wanted}."


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
