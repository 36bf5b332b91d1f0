"""A client for programs: ``Client``, and ``AsyncClient`` with the same methods to await.

::

    from crispd.client import Client

    with Client("http://nas.local:8642", token="…") as crispd:
        for hit in crispd.hits("a stream in the forest", after="2020", min_relevance="maybe"):
            print(hit.score, hit.folder, hit.path)

``Client`` may be used by several threads. An ``AsyncClient`` with a ``fingerprint`` looks at it as
it is made, which blocks for a moment. Importing this loads nothing of the service. Answers are the
dataclasses of ``crispd.wire.models``, errors those of ``crispd.wire.errors``: all are a
``CrispdClientError``.
"""

from __future__ import annotations

from crispd.wire.async_client import AsyncClient
from crispd.wire.errors import (
    BadRequest,
    Conflict,
    CrispdClientError,
    Forbidden,
    Gone,
    InvalidAddress,
    NoAnswer,
    NotCrispd,
    NotFound,
    Problem,
    Refused,
    ServerError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unreadable,
    Untrusted,
)
from crispd.wire.models import (
    Answer,
    Folder,
    Health,
    Hit,
    Paused,
    Photo,
    ProblemFile,
    Problems,
    Started,
    Status,
)
from crispd.wire.patience import Patience
from crispd.wire.sync_client import Client

__all__ = [
    "Answer",
    "AsyncClient",
    "BadRequest",
    "Client",
    "Conflict",
    "CrispdClientError",
    "Folder",
    "Forbidden",
    "Gone",
    "Health",
    "Hit",
    "InvalidAddress",
    "NoAnswer",
    "NotCrispd",
    "NotFound",
    "Patience",
    "Paused",
    "Photo",
    "Problem",
    "ProblemFile",
    "Problems",
    "Refused",
    "ServerError",
    "Started",
    "Status",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unreadable",
    "Untrusted",
]
