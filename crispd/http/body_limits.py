"""Limits on the length of request bodies. A longer body is not parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope

# The longest question: 10,000 characters are up to 120,000 bytes of JSON.
MAX_BODY_BYTES = 256 * 1024
# A code, a token, or a form that leads back to a place on the page: for whoever asks.
MAX_OPEN_BODY_BYTES = 8 * 1024


def with_body_limit(scope: Scope, receive: Receive, most: int, told: str = "") -> Receive:
    """``receive`` that raises HTTPException (413) beyond ``most`` bytes, at once where the head
    announces more. ``told``: the sentence for that.
    """
    length = 0
    announced = _announced(scope)

    async def counted() -> Message:
        nonlocal length
        if announced > most:
            raise _too_long(most, told)
        message = await receive()
        length += len(message.get("body", b""))
        if length > most:
            raise _too_long(most, told)
        return message

    return counted


def _announced(scope: Scope) -> int:
    given = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(given[0]) if given and given[0].isdigit() else 0


def _too_long(most: int, told: str) -> HTTPException:
    return HTTPException(413, told or f"The body is longer than {most} bytes.")
