"""Claims on content in encoding: copies wait for it instead of being encoded too."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.ingest.stages.jobs import HashedJob


class ContentClaims:
    """The job that encodes each content. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followers: dict[str, list[HashedJob]] = {}

    def claim(self, hashed: HashedJob) -> bool:
        """True: the caller encodes this content. False: someone does, and ``hashed`` follows."""
        with self._lock:
            followers = self._followers.get(hashed.content_hash)
            if followers is None:
                self._followers[hashed.content_hash] = []
                return True
            followers.append(hashed)
            return False

    def release(self, content_hash: str) -> list[HashedJob]:
        """The content is settled; those who waited for it."""
        with self._lock:
            return self._followers.pop(content_hash, [])
