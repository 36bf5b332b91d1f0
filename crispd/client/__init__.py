"""A client for programs: ``Client``, and ``AsyncClient`` with the same methods to await.

::

    from crispd.client import Client

    with Client("http://nas.local:8642", token="…") as crispd:
        for hit in crispd.hits("a stream in the forest", after="2020", min_relevance="maybe"):
            print(hit.score, hit.folder, hit.path)

Several threads may share a ``Client``. An ``AsyncClient`` with a ``fingerprint`` checks it in its
constructor, which blocks for a moment. Results are the dataclasses of ``crispd.client.models``;
every error is a ``CrispdClientError``. Imports nothing of crispd outside this room.
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
    People,
    Photo,
    Places,
    ProblemFile,
    Problems,
    SearchResults,
    Started,
    Status,
    TextOfPhoto,
    TextReading,
)
from crispd.client.pack_models import EncodeJobs, PackInfo, PackOverview
from crispd.client.retry_policy import RetryPolicy
from crispd.client.sync_client import Client

__all__ = [
    "AsyncClient",
    "BadRequest",
    "CertificateNotTrusted",
    "Client",
    "Conflict",
    "CrispdClientError",
    "EncodeJobs",
    "Folder",
    "Forbidden",
    "Gone",
    "Health",
    "Hit",
    "InvalidAddress",
    "NoAnswer",
    "NotCrispd",
    "NotFound",
    "PackInfo",
    "PackOverview",
    "Paused",
    "People",
    "Photo",
    "Places",
    "ProblemDocument",
    "ProblemFile",
    "Problems",
    "Refused",
    "RetryPolicy",
    "SearchResults",
    "ServerError",
    "Started",
    "Status",
    "TextOfPhoto",
    "TextReading",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unreadable",
]
