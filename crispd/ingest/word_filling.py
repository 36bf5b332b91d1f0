"""Words of all photos indexed anew after an upgrade, behind searches."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Protocol

from crispd.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

_TELL_SECONDS = 30.0
_RETRY_SECONDS = 10.0
_JOIN_SECONDS = 5.0


class FillableWords(Protocol):
    """The database, as far as this is concerned."""

    def fill_words(self) -> bool:
        """Index the words of some more photos; whether there are more. Raises StorageError."""

    def words_to_fill(self) -> int:
        """Photos whose words are still to be indexed anew. Raises StorageError."""


class WordFilling:
    """A thread, until all is done. ``pending``: photos that are still to be done.

    ``courtesy``: called between steps, waits while people search.
    """

    def __init__(self, words: FillableWords, courtesy: Callable[[], None]) -> None:
        self._words = words
        self._courtesy = courtesy
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crispd-words", daemon=True)
        self.pending = words.words_to_fill()

    def start(self) -> None:
        """Begin, where anything is to be done."""
        if self.pending:
            self._thread.start()

    def stop(self) -> None:
        """End after the step that it is at; the next start goes on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        log.info("words of %d photos are indexed anew, behind searches", self.pending)
        begun, first = time.monotonic(), self.pending
        try:
            while not self._stop.is_set():
                try:
                    self._until_told()
                except StorageError as error:
                    log.warning("words are indexed anew later: %s", error)
                    self._stop.wait(_RETRY_SECONDS)
                    continue
                if not self.pending:
                    took = time.monotonic() - begun
                    log.info("words of %d photos were indexed anew in %.0f s", first, took)
                    return
                log.info("words of %d photos are still to be indexed anew", self.pending)
        except Exception:  # a thread's top: words are found as far as they are indexed
            log.exception("words are not indexed anew until the next start")

    def _until_told(self) -> None:
        """Work for as long as nobody has to be told how far it is."""
        until, more = time.monotonic() + _TELL_SECONDS, True
        while more and not self._stop.is_set() and time.monotonic() < until:
            self._courtesy()
            more = self._words.fill_words()
        self.pending = self._words.words_to_fill() if more else 0
