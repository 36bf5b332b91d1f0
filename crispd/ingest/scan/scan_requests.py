"""Requests for scans."""

from __future__ import annotations

import queue

from crispd.ingest.stages.wakeable_queue import WakeableQueue


class ScanRequests:
    """Pending requests. Any thread may add one; the scanner takes all at once."""

    def __init__(self) -> None:
        self._requests: WakeableQueue[tuple[int, str]] = WakeableQueue()

    def __bool__(self) -> bool:
        return not self._requests.empty()

    def request(self, root_id: int, folder: str = "") -> None:
        """Ask for a scan of a root or a folder in it."""
        self._requests.put((root_id, folder))

    def wake(self) -> None:
        """Whoever takes waits for nothing any more."""
        self._requests.wake()

    def wait(self, timeout: float) -> set[tuple[int, str]]:
        """All that wait, (root id, folder) each; waits ``timeout`` seconds for the first."""
        try:
            found = {self._requests.get(timeout=timeout)}
        except queue.Empty:
            return set()
        while not self._requests.empty():
            found.add(self._requests.get_nowait())
        return found
