"""Parameters: unknown ones are refused, and those not built yet say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.routing import APIRoute

from crispd.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

# In the contract, with the capability still to come.
_NOT_BUILT = {
    "cursor": "Pages are",
    "after": "Filters are",
    "before": "Filters are",
    "folder": "Filters are",
    "type": "Filters are",
    "camera": "Filters are",
    "like": "Search by a photo is",
}
# How much of a wrong request is repeated in its answer.
_MOST_NAMED, _LONGEST_NAME = 5, 40
_ONLY = {"min_relevance": "all", "sort": "relevance"}


def refuse_unknown(request: Request) -> None:
    """A dependency: a parameter misspelt or repeated must not be ignored silently."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
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


def refuse_not_built(given: Mapping[str, str | None]) -> None:
    """Raise QueryError for parameters of the contract whose capability does not exist yet."""
    for name, capability in _NOT_BUILT.items():
        if given.get(name) is not None:
            raise QueryError(f"{capability} not built yet: leave {name} out.")
    for name, only in _ONLY.items():
        value = given.get(name)
        if value is not None and value != only:
            raise QueryError(
                f"{name}={value[:40]} is not built yet: leave it out or give {name}={only}."
            )
