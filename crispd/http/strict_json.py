"""Strict JSON bodies: bounded in width and depth, each name once.

RFC 8259 leaves open what two members of one name mean, so two programs may understand one body
differently (RFC 7493 forbids them). And a body of a few kilobytes can hold thousands of unknown
fields, each of which would be answered with a sentence.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi.responses import Response

# Far more than any call takes: a search has 25 fields, and lists of three at most.
_MOST_MEMBERS = 64
_MOST_VALUES = 1000
_MOST_DEPTH = 8
_LONGEST_SHOWN = 60


def read_json(data: bytes) -> Any:
    """The value that ``data`` holds. Raises JSONDecodeError, or HTTPException (400) with a
    sentence.
    """
    try:
        value = json.loads(data, object_pairs_hook=_members)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        _refuse(_too_deep())
    except UnicodeError:
        _refuse("The body is not UTF-8.")
    except ValueError:  # an integer of thousands of digits
        _refuse("The body holds a number that is too long.")
    _check_size(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MOST_MEMBERS:
        _refuse(f"An object of the body has {len(pairs)} fields; at most {_MOST_MEMBERS} are read.")
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:_LONGEST_SHOWN]
        _refuse(f"{twice} is given more than once in the body; give it once.")
    return {name: _valid(value) for name, value in found.items()}


def _valid(value: Any) -> Any:
    """Lone surrogates of a text become U+FFFD: nothing can write them as UTF-8."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _check_size(value: Any) -> None:
    """Level by level: a recursion would be as deep as the body is."""
    level, values = [value], 0
    for _ in range(_MOST_DEPTH + 1):
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return
        level = [one for each in level for one in (each.values() if type(each) is dict else each)]
        values += len(level)
        if values > _MOST_VALUES:
            _refuse(f"The body has more than {_MOST_VALUES} values.")
    _refuse(_too_deep())


def _too_deep() -> str:
    return f"The body is nested more than {_MOST_DEPTH} levels deep."


def _refuse(sentence: str) -> NoReturn:
    raise HTTPException(400, sentence)


class JsonRequest(Request):
    """A FastAPI request whose JSON is read strictly."""

    async def json(self) -> Any:
        """Read once and kept."""
        if not hasattr(self, "strictly_read"):
            self.strictly_read = read_json(await self.body())
        return self.strictly_read


class JsonRoute(APIRoute):
    """A route that accepts JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Where FastAPI hands requests over."""
        handler = super().get_route_handler()

        async def read(request: Request) -> Response:
            return await handler(JsonRequest(request.scope, request.receive))

        return read
