"""Scopes: which one each call needs. A call that is not listed here needs ``admin``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi.routing import APIRoute
from starlette.routing import Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute
    from starlette.types import Scope as Request

    from crispd.types import Scope

OPEN_OPERATIONS: Literal["open"] = "open"

# By operation id, or by path where a route is not in the OpenAPI.
REQUIRED_SCOPES: dict[str, Scope | Literal["open"]] = {
    "getHealth": OPEN_OPERATIONS,
    "getReadiness": OPEN_OPERATIONS,
    "getAuthority": OPEN_OPERATIONS,
    "pairDevice": OPEN_OPERATIONS,
    "openSession": OPEN_OPERATIONS,
    "closeSession": OPEN_OPERATIONS,
    "getSession": OPEN_OPERATIONS,
    "getShared": OPEN_OPERATIONS,  # its key is looked at by the route
    "/": OPEN_OPERATIONS,  # the page tells a stranger how to pair, and nothing else
    # the page's own files: nothing of the house is in them
    "/web/{version}/{name:path}": OPEN_OPERATIONS,
    "/shell": OPEN_OPERATIONS,
    "/sw.js": OPEN_OPERATIONS,
    "/manifest.webmanifest": OPEN_OPERATIONS,
    "/pair": OPEN_OPERATIONS,
    "/sign-in": OPEN_OPERATIONS,
    "/sign-out": OPEN_OPERATIONS,
    "/pair/new": "admin",
    "/pair/remove": "admin",
    "/openapi.json": "search",
    "search": "search",
    "searchWithBody": "search",
    "searchWithPicture": "search",
    "/search": "search",  # the same with a picture
    "getPhoto": "search",
    "getThumbnail": "search",
    "getPreview": "search",
    "getPhotoText": "search",
    "getTextReading": "search",
    "getDuplicates": "search",
    "getFolders": "search",
    "getProblems": "search",
    "getStatus": "search",
    "getEvents": "search",
    "getSuggestions": "search",
    "getPlaces": "search",
    "getPeople": "search",
    "getCompletions": "search",
    "getMetrics": "search",
    "getOriginal": "originals",
    "downloadPhotos": "originals",
    "sharePhoto": "originals",
    "/api/server/ping": OPEN_OPERATIONS,  # Immich's; only where immich_api is on
    "/api/server/version": OPEN_OPERATIONS,
    "/api/search/smart": "search",
    "/api/assets/{asset_id}": "search",
    "/api/assets/{asset_id}/thumbnail": "search",
    "/api/assets/{asset_id}/original": "originals",
    "revokeShares": "admin",
    "rescanFolders": "admin",
    "confirmMissing": "admin",
    "rereadPhotos": "admin",
    "pauseIndexing": "admin",
    "resumeIndexing": "admin",
    "retryProblems": "admin",
    "forgetText": "admin",
    "getEncodeJobs": "encode",
    "keepEncodeLease": "encode",
    "giveEncoded": "encode",
    "getPacks": "admin",
    "pullPack": "admin",
    "cancelPull": "admin",
    "goBackToPack": "admin",
    "usePack": "admin",
    "removePack": "admin",
    "readText": "admin",
    "getDevices": "admin",
    "addDevice": "admin",
    "removeDevice": "admin",
    "inviteDevice": "admin",
    "getInvitation": "admin",
}
# Asked by what knows an address and no name: probes of containers and load balancers.
ANY_HOST = frozenset({"getHealth", "getReadiness"})


class Operations:
    """Finds the operation of a request before routing, without parsing anything else."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes = [route for route in routes if isinstance(route, APIRoute)]

    def find(self, scope: Request) -> str | None:
        """The operation id, or the path of a route without; None where nothing is there.

        Each route says itself whether it takes a request: two may share a path and a method.
        """
        if scope["path"] == "/openapi.json":
            return "/openapi.json"
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        for route in self._routes:
            if route.matches({**scope, "method": method})[0] is Match.FULL:
                return name_of(route)
        return None


def name_of(route: APIRoute) -> str:
    """How ``NEEDS`` calls a route."""
    return route.operation_id or route.path


def required_scope(operation: str) -> Scope | Literal["open"]:
    """What a call needs."""
    return REQUIRED_SCOPES.get(operation, "admin")
