"""Conditional requests (RFC 9110, 13): whether the client has the content already."""

from __future__ import annotations

import time
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import Request

    from crispd.types import Rendition


def matching_etag(request: Request, tag: str) -> str | None:
    """Of the tags in If-None-Match, the one that is ``tag`` or ``tag.…``, as it was sent.

    What stands behind the point tells one encoding from another of the same picture, which does not
    matter to whoever has one. ``tag`` itself where any will do.
    """
    for given in request.headers.get("if-none-match", "").split(","):
        bare = given.strip().removeprefix("W/").strip('"')
        if bare == "*":
            return tag
        if bare == tag or bare.startswith(f"{tag}."):
            return bare
    return None


def not_modified_since(request: Request, modified: int) -> bool:
    """Whether If-Modified-Since is no earlier than ``modified``, in seconds since 1970.

    If-None-Match is exact and goes before it; a date that cannot be read is none.
    """
    given = request.headers.get("if-modified-since")
    if given is None or "if-none-match" in request.headers:
        return False
    try:
        return parsedate_to_datetime(given).timestamp() >= modified
    except (ValueError, OverflowError, TypeError, IndexError):
        return False


def date_header(modified: int) -> dict[str, str]:
    """Last-Modified; none for a time to come, which HTTP does not allow."""
    if modified > time.time():
        return {}
    return {"Last-Modified": formatdate(modified, usegmt=True)}


def is_not_modified(request: Request, wanted: Rendition, modified: int) -> str | None:
    """The tag for a 304, where a picture need not even be made."""
    held = matching_etag(request, wanted.tag)
    if held is None and date_header(modified) and not_modified_since(request, modified):
        return wanted.tag
    return held
