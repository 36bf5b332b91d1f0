"""Text reading: photos are read after indexing, while the machine is idle."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import CrispdError, PackError, PhotoVanished, StorageError
from crispd.images.ocr_pixels import decode_for_ocr
from crispd.ingest.idle_stage import idle_state
from crispd.ocr.reader import OcrReader
from crispd.platform.memory import give_back_freed

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.ingestor import Ingestor
    from crispd.ocr.models import OcrModels
    from crispd.store.reading.reads import Reader
    from crispd.store.words.content_text import TextStore
    from crispd.thumbnails.rendering import PhotoRenderer
    from crispd.types import DecodeLimits, Labels, PhotoRecord, Pixels

log = logging.getLogger(__name__)

# Letters of a page that fills a photo are 25 pixels high then.
LONG_SIDE = 2400
LONGEST_SECONDS = 30.0  # of processor time
_TOO_LONG = f"Not all of its text was read: that took more than {LONGEST_SECONDS:.0f} seconds."


@dataclass(frozen=True, slots=True)
class TextSources:
    """What reading stands on. ``seen``: a photo with a word on whether its drive is there.

    ``documents``: labels of photos that look as if they were made to be read, int64.
    ``give_way``: called between runs of a model.
    """

    store: TextStore
    reader: Reader
    renderer: PhotoRenderer
    ingestor: Ingestor
    seen: Callable[[PhotoRecord], PhotoRecord]
    crash_marker: CrashMarker
    documents: Callable[[], Labels]
    give_way: Callable[[], None]
    pack: str


class TextReadingWork:
    """``IdleWork`` that reads photos. The models are in memory while there is something to read.

    ``stop``: set when it is to end within a photo. ``pending`` is told by its stage.
    """

    name = "text"

    def __init__(self, models: OcrModels, sources: TextSources, stop: threading.Event) -> None:
        self._models = models
        self._sources = sources
        self._stop = stop
        self._reader: OcrReader | None = None
        self._broken = False
        self._retries = 0

    def rows(self) -> Sequence[int]:
        """Rows of photos that were not read: those like documents first, then the latest. None
        where all text was forgotten.
        """
        if self._sources.store.is_forgotten():
            return []
        rows, labels = self._sources.store.pending(self._models.version, self._sources.pack)
        if not len(rows):
            return []
        alike = np.isin(labels, self._sources.documents())
        found: list[int] = rows[np.argsort(~alike, kind="stable")].tolist()
        return found

    def records(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        """Those photos. Raises StorageError."""
        found = self._sources.reader.photos_at(rows)
        return {row: self._sources.seen(photo) for row, photo in found.items()}

    def complete(self, photo: PhotoRecord) -> bool:
        """Read a photo whose content was not read; whether it was. Raises PhotoVanished.

        A failure is noted, and is the end of it until somebody asks to try again.
        """
        sources, version = self._sources, self._models.version
        if photo.full_path in sources.crash_marker.suspects:
            return False
        if sources.store.is_read(photo.content_hash, version):
            return False  # a copy of it was
        try:
            pixels = sources.renderer.of_original(photo, _decode)
            with sources.crash_marker.decoding(photo.full_path):
                return self._read(photo, pixels)
        except (PhotoVanished, StorageError):
            raise
        except Exception as error:  # whatever it is, other photos are not held up by it
            if self._broken:
                return False
            if not isinstance(error, CrispdError):
                log.exception("the text of %r was not read", photo.path)
            reason = f"Its text was not read: {_sentence(error)}"
            sources.store.save(photo.content_hash, version, (), reason)
            return True

    def _read(self, photo: PhotoRecord, pixels: Pixels) -> bool:
        end, late = time.thread_time() + LONGEST_SECONDS, False

        def pause() -> bool:
            nonlocal late
            self._sources.give_way()
            late = time.thread_time() > end
            return not late and not self._stop.is_set()

        lines = self._opened().read(pixels, pause)
        if self._stop.is_set():
            return False
        reason = _TOO_LONG if late else None
        self._sources.store.save(photo.content_hash, self._models.version, lines, reason)
        return True

    def _opened(self) -> OcrReader:
        """The models. Raises PackError, where none will ever be read."""
        if self._reader is None:
            try:
                self._reader = OcrReader(self._models)
            except PackError as error:
                self._broken = True
                log.error("text in photos is not read: %s Install rapidocr again.", error)
                raise
        return self._reader

    def has_room(self) -> bool:
        """Whether the models can be used."""
        return not self._broken

    def state(self) -> object | None:
        """None while indexing is busy; else what there is to read."""
        found = idle_state(self._sources.ingestor)
        return None if found is None else (found, self._retries)

    def finished(self) -> None:
        """Nothing is remembered: what is read stands in the database."""

    def rest(self) -> None:
        """Let the models go: 75 MB, and what they computed with."""
        if self._reader is not None:
            self._reader = None
            give_back_freed()

    def retry(self) -> int:
        """Read again what failed; how many contents."""
        count = self._sources.store.forget_failures()
        self._retries += count > 0
        return count

    def begin_again(self) -> None:
        """What is to be read is another: look through all photos once more."""
        self._retries += 1


def _decode(data: bytes, limits: DecodeLimits) -> Pixels:
    return decode_for_ocr(data, LONG_SIDE, limits)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, CrispdError) else "an unexpected error; the log has it."
