"""Make the synchronous client of the asynchronous one: ``python scripts/sync_client.py``.

Every ``async`` and ``await`` goes, and what is called by another name in a world without them gets
that name. Whoever edits the asynchronous client runs ``make client``; a test compares the two.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "crispd" / "client" / "async_client.py"
TARGET = ROOT / "crispd" / "client" / "sync_client.py"
HEADER = "# Made of async_client.py by scripts/sync_client.py. Edit that one, then: make client\n"
NAMES = {
    "AsyncClient": "Client",
    "AsyncHTTPTransport": "HTTPTransport",
    "AsyncIterator": "Iterator",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "aclose": "close",
    "aiter_bytes": "iter_bytes",
    "aread": "read",
    "asynchronous": "synchronous",
    "asyncio": "time",  # its sleep
    "awrite": "write",
}


def synchronous(source: str) -> str:
    """The same program without an event loop; also in what its docstrings say."""
    plain = re.sub(r"\b(?:async|await) ", "", source)
    names = "|".join(map(re.escape, NAMES))
    return HEADER + re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda found: NAMES[found[0]], plain)


if __name__ == "__main__":
    TARGET.write_text(synchronous(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
