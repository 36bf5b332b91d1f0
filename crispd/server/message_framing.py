"""Strict message framing: ambiguous request heads are refused, and the connection is closed.

h11 takes more than it has to: a length beside ``Transfer-Encoding``, the same length twice, lines
that end without CR, lines that go on in the next one. A proxy that reads any of them another way
takes a part of one request for the next (RFC 9112, 2.2, 5.2, 6.3 and 11.2). It also parses heads of
tens of thousands of lines, which costs the event loop half a second each.
"""

from __future__ import annotations

import re
from typing import Any

import h11

# Browsers send 20 lines, proxies 30.
_MOST_LINES = 100
# Beside the address, which may hold a long question.
_MOST_FIELD_BYTES = 64 * 1024

_END = re.compile(rb"\n\r?\n")
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_FOLDED = re.compile(rb"\n[ \t]")
_FRAMING = re.compile(
    rb"^(content-length|transfer-encoding)[ \t]*:[ \t]*(.*?)[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)


def framing_error(head: bytes) -> str | None:
    """What is wrong with a whole head; None where nothing is."""
    if _BARE.search(head):
        return "A line of the head does not end with CR LF."
    if _FOLDED.search(head):
        return "A line of the head goes on in the next one."
    framing = _FRAMING.findall(head)
    if len(framing) > 1:
        return "The length of the body is given more than once."
    for name, value in framing:
        if name.lower() == b"content-length" and not value.isdigit():
            return "Content-Length is no number."
        if name.lower() == b"transfer-encoding" and _is_old(head):
            return "HTTP/1.0 has no Transfer-Encoding."
    return None


def limit_error(data: bytes) -> str | None:
    """What is too much in a head that may go on; None where nothing is."""
    if data.count(b"\n") > _MOST_LINES:
        return f"The head has more than {_MOST_LINES} lines."
    address = data.find(b"\n")
    if address >= 0 and len(data) - address > _MOST_FIELD_BYTES:
        return f"The fields of the head have more than {_MOST_FIELD_BYTES} bytes."
    return None


def _is_old(head: bytes) -> bool:
    return head.partition(b"\r\n")[0].rstrip().endswith(b"HTTP/1.0")


class StrictConnection(h11.Connection):
    """h11's for a server, with a look at each head before it is parsed; ``fault``: what it saw."""

    fault: str | None = None

    def next_event(self) -> Any:
        """As h11 says. Raises RemoteProtocolError with what is wrong."""
        if self.their_state is h11.IDLE:
            data, _ = self.trailing_data
            end = _END.search(data)
            head = data if end is None else data[: end.end()]
            self.fault = limit_error(head) or (framing_error(head) if end is not None else None)
            if self.fault is not None:
                raise h11.RemoteProtocolError(self.fault)
        return super().next_event()
