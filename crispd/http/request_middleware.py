"""Middleware around every request: a log line, a body limit, and a response header."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from crispd.http.body_limits import MAX_BODY_BYTES, with_body_limit
from crispd.http.uploads import is_upload, too_long

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from crispd.http.uploads import UploadSlots

access = logging.getLogger("crispd.access")

_LONGEST_PATH = 200
# Pages of others neither guess at types nor show what is here.
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class RequestMiddleware:
    """Pure ASGI: the middleware of ``app.middleware`` would run each request in a second task."""

    def __init__(self, app: ASGIApp, uploads: UploadSlots) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # what is answered where nothing is sent before an exception

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                names = [name for name, _ in _ALWAYS]
                headers = [pair for pair in message["headers"] if pair[0] not in names]
                message = {**message, "headers": [*headers, *_ALWAYS]}
            await send(message)

        try:
            await self._app(scope, _limited(scope, receive, self._uploads), noted)
        finally:
            _log(scope, status, (time.perf_counter() - started) * 1000)


def _limited(scope: Scope, receive: Receive, uploads: UploadSlots) -> Receive:
    """Bodies are read into memory, so their length must have an end."""
    if is_upload(scope):
        return with_body_limit(scope, receive, uploads.longest, too_long(uploads.most_bytes))
    return with_body_limit(scope, receive, MAX_BODY_BYTES)


def _log(scope: Scope, status: int, milliseconds: float) -> None:
    """Without the query: what people look for is nobody's business. At debug, with it."""
    # quoted: a line break in a path must not begin a line of the log
    path = quote(scope["path"][:_LONGEST_PATH])
    access.info("%s %s %d %.0f ms", scope["method"], path, status, milliseconds)
    # the key of a shared photo is in its address; it stays out of any log
    if scope["query_string"] and not path.startswith("/shared/"):
        access.debug("asked with %r", scope["query_string"][:1000])
