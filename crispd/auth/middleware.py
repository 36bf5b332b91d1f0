"""The access middleware before every route: it checks Host, Origin, identity and scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from crispd.auth.access_control import COOKIE
from crispd.auth.failed_attempts import counts_failures
from crispd.auth.request_origin import host_allowed, origin_allowed, request_origin, same_origin
from crispd.auth.scopes import ANY_HOST, OPEN_OPERATIONS, required_scope
from crispd.errors import CrispdError, Forbidden, Unauthorized
from crispd.http.body_limits import MAX_OPEN_BODY_BYTES, with_body_limit
from crispd.http.problem_details import problem, problem_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as Request

    from crispd.auth.access_control import AccessControl, Caller
    from crispd.auth.request_origin import RequestOrigin
    from crispd.auth.scopes import Operations
    from crispd.types import Scope

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_SHOWN = 80
_LONGEST_COOKIES = 8192
_MOST_PARAMETERS = 200


class AuthMiddleware:
    """Pure ASGI middleware. It passes allowed requests on, with ``caller`` and ``client`` in their
    state.
    """

    def __init__(self, app: ASGIApp, access_control: AccessControl, operations: Operations) -> None:
        self._app = app
        self._door = access_control
        self._operations = operations

    async def __call__(self, scope: Request, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        client = request_origin(scope, headers, self._door.rules)
        operation = self._operations.find(scope)
        refusal = _refuse_many(scope) or self._refuse_place(client, headers, operation)
        if refusal is None:
            try:
                caller = self._door.caller(headers, client, _cookie(headers))
                _check(caller, client, headers, scope["method"], operation)
            except CrispdError as error:
                refusal = _refusal(error, operation)
            else:
                scope.setdefault("state", {}).update(caller=caller, client=client)
                if operation is not None and required_scope(operation) == OPEN_OPERATIONS:
                    receive, send = self._for_anybody(scope, receive, send, caller, client)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _for_anybody(
        self, scope: Request, receive: Receive, send: Send, caller: Caller, client: RequestOrigin
    ) -> tuple[Receive, Send]:
        """Of a call that needs no token: a small body, and few wrong ones."""
        if scope["method"] not in _SAFE and not caller.scopes:
            send = counts_failures(scope, receive, send, self._door.throttle, client.address)
        return with_body_limit(scope, receive, MAX_OPEN_BODY_BYTES), send

    def _refuse_place(
        self, client: RequestOrigin, headers: Headers, operation: str | None
    ) -> Response | None:
        """Of names that are not crispd's and pages of strangers."""
        rules = self._door.rules
        if operation not in ANY_HOST and not host_allowed(client, rules):
            name = client.host[:_LONGEST_SHOWN] or "(none)"
            detail = f"{name} is no name of this crispd. If it should be, add it to allowed_hosts."
            return problem(421, "Misdirected Request", detail)
        if not origin_allowed(client, headers, rules):
            name = headers["origin"][:_LONGEST_SHOWN]
            detail = f"Pages of {name} may not ask here. Such pages are listed in allowed_origins."
            return problem(403, "Forbidden", detail)
        return None


def _refuse_many(scope: Request) -> Response | None:
    """Of parameters: each costs a moment, and a call has 30 at most."""
    if scope["query_string"].count(b"&") < _MOST_PARAMETERS:
        return None
    return problem(400, "Bad request", f"At most {_MOST_PARAMETERS} parameters are read.")


def _check(
    caller: Caller, client: RequestOrigin, headers: Headers, method: str, operation: str | None
) -> None:
    """Raise Unauthorized or Forbidden."""
    if operation is None:  # nothing is there: not found, or not by this method
        return
    need = required_scope(operation)
    if need == OPEN_OPERATIONS:
        return
    if not caller.scopes:
        raise Unauthorized(
            f"This needs a token with the scope {need}. Get one on the machine that runs crispd "
            "(crispd pair NAME) and send it as Authorization: Bearer TOKEN."
        )
    if not caller.has_scope(need):
        who = caller.device.name if caller.device else "This caller"
        raise Forbidden(f"{who} lacks the scope {need}; it has: {', '.join(caller.scopes)}.")
    if caller.by_cookie and method not in _SAFE:
        origin = headers.get("origin")
        if origin is None or not same_origin(client, origin):
            raise Forbidden("A cookie changes nothing without the Origin of crispd's own page.")


def _refusal(error: CrispdError, operation: str | None) -> Response:
    answer = problem_of(error)
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = _challenge(error, required_scope(operation or ""))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _challenge(error: Unauthorized, need: Scope | str) -> str:
    """RFC 6750, section 3."""
    if isinstance(error, Forbidden):
        return f'Bearer realm="crispd", error="insufficient_scope", scope="{need}"'
    return 'Bearer realm="crispd"'


def _cookie(headers: Headers) -> str | None:
    return cookie_parser(headers.get("cookie", "")[:_LONGEST_COOKIES]).get(COOKIE) or None
