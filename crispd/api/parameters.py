"""Parameters: unknown and repeated ones are refused."""

from __future__ import annotations

from fastapi import Request
from fastapi.routing import APIRoute

from crispd.errors import QueryError

# How much of a wrong request is repeated in its answer.
_MOST_NAMED, _LONGEST_NAME = 5, 40

# The tag of pages, whose scripts keep in the address where somebody is.
FOR_PEOPLE = "page"


def refuse_unknown(request: Request) -> None:
    """A dependency: a parameter misspelt or repeated must not be ignored silently."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or FOR_PEOPLE in route.tags:
        return
    known = sorted(field.alias for field in route.dependant.query_params)
    given = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(given) - set(known))
    if unknown:
        names = ", ".join(name[:_LONGEST_NAME] for name in unknown[:_MOST_NAMED])
        allowed = f"Known are: {', '.join(known)}." if known else "It takes none in its address."
        raise QueryError(f"Unknown parameter {names}. {allowed}")
    twice = [name for name in known if given.count(name) > 1]
    if twice:
        raise QueryError(f"{', '.join(twice)} is given more than once; give it once.")
