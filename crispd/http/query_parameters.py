"""Query parameters: unknown and repeated ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from crispd.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from fastapi.responses import Response
    from pydantic.fields import FieldInfo

# How much of a wrong request is repeated in its answer.
_MOST_NAMED, _LONGEST_NAME = 5, 40

# The tag of pages, whose scripts keep in the address where somebody is.
FOR_PEOPLE = "page"
# That of calls whose parameters another program has thought up.
FOR_IMMICH = "immich"


async def refuse_unknown(request: Request) -> None:
    """A dependency: a parameter misspelt or repeated must not be ignored silently."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or {FOR_PEOPLE, FOR_IMMICH}.intersection(route.tags):
        return
    known = sorted(query_fields(route))
    given = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(given) - set(known))
    if unknown:
        names = ", ".join(name[:_LONGEST_NAME] for name in unknown[:_MOST_NAMED])
        allowed = f"Known are: {', '.join(known)}." if known else "It takes none in its address."
        raise QueryError(f"Unknown parameter {names}. {allowed}")
    twice = [name for name in known if given.count(name) > 1]
    if twice:
        raise QueryError(f"{', '.join(twice)} is given more than once; give it once.")


def query_fields(route: APIRoute) -> dict[str, FieldInfo]:
    """What may stand in the address of a call, by name; a model stands for all of its fields."""
    found: dict[str, FieldInfo] = {}
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.update(kind.model_fields)
        else:
            found[parameter.alias] = parameter.field_info
    return found


def direct_route(
    model: type[BaseModel], call: Callable[[Request, Any], Awaitable[Response]]
) -> type[APIRoute]:
    """A route that hands its parameters, one ``model`` that forbids others, straight to ``call``.

    FastAPI's walk over each field takes longer than all else of a request. Whatever the model does
    not take, FastAPI refuses as ever: it takes the same and says why not.
    """

    class DirectRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            usual = super().get_route_handler()

            async def read(request: Request) -> Response:
                given = request.query_params.multi_items()
                values = dict(given)
                if len(values) < len(given):
                    return await usual(request)
                try:
                    found = model.model_validate(values)
                except ValidationError:
                    return await usual(request)
                return await call(request, found)

            return read

    return DirectRoute
