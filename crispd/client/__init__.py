"""A client for programs: ``Client``, and ``AsyncClient`` with the same methods to await.

::

    from crispd.client import Client

    with Client("http://nas.local:8642", token="…") as crispd:
        for hit in crispd.hits("a stream in the forest", after="2020", min_relevance="maybe"):
            print(hit.score, hit.folder, hit.path)

``Client`` may be used by several threads. An ``AsyncClient`` with a ``fingerprint`` looks at it as
it is made, which blocks for a moment. Importing this loads nothing of the service. Answers are the
dataclasses of ``crispd.client.models``, errors those of ``crispd.client.exceptions``: all are a
``CrispdClientError``.
"""

from __future__ import annotations

from crispd.client.async_client import AsyncClient
from crispd.client.exceptions import (
    BadRequest,
    CertificateNotTrusted,
    Conflict,
    CrispdClientError,
    Forbidden,
    Gone,
    InvalidAddress,
    NoAnswer,
    NotCrispd,
    NotFound,
    ProblemDocument,
    Refused,
    ServerError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unreadable,
)
from crispd.client.models import (
    Folder,
    Health,
    Hit,
    Paused,
    Photo,
    ProblemFile,
    Problems,
    SearchResults,
    Started,
    Status,
)
from crispd.client.retry_policy import RetryPolicy
from crispd.client.sync_client import Client

__all__ = [
    "AsyncClient",
    "BadRequest",
    "CertificateNotTrusted",
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
    "Paused",
    "Photo",
    "ProblemDocument",
    "ProblemFile",
    "Problems",
    "Refused",
    "RetryPolicy",
    "SearchResults",
    "ServerError",
    "Started",
    "Status",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unreadable",
]
