"""Throttling of malformed open calls: each counts as a wrong code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import TooManyFailures
from crispd.http.problem_details import problem_of

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from crispd.auth.throttle import Throttle

# What cannot be read, is too long, of another type, or holds what is not expected.
_WRONG = frozenset({400, 413, 415, 422})


def counts_failures(
    scope: Scope, receive: Receive, send: Send, throttle: Throttle, address: str
) -> Send:
    """``send`` that counts wrong requests of an address, and tells it to wait after too many."""
    waits = False

    async def watched(message: Message) -> None:
        nonlocal waits
        if message["type"] == "http.response.start" and message["status"] in _WRONG:
            try:
                throttle.check(address)
            except TooManyFailures as error:
                waits = True
                await problem_of(error)(scope, receive, send)
            else:
                throttle.failed(address)
        if not waits:
            await send(message)

    return watched
