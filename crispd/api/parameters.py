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
_ONLY = {"min_relevance": "all", "sort": "relevance"}


def refuse_unknown(request: Request) -> None:
    """A dependency: a misspelt parameter must not be ignored silently."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = {field.alias for field in route.dependant.query_params}
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        allowed = f"Known are: {', '.join(sorted(known))}." if known else "It takes none."
        raise QueryError(f"Unknown parameter {', '.join(unknown)}. {allowed}")


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
