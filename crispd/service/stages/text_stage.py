"""The stage that reads text in photos, as the service has it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.ingest.idle_stage import IdleStage
from crispd.ocr.models import find_ocr_models
from crispd.ocr.text_reading import TextReadingWork, TextSources
from crispd.store.words.content_text import TextStore
from crispd.types import TextProgress, TextReadingState

if TYPE_CHECKING:
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.library.library import Library
    from crispd.service.indexing_parts import IndexingParts
    from crispd.service.parts import SearchParts
    from crispd.types import Labels

log = logging.getLogger(__name__)

_DOCUMENT = "a photo of a document, a receipt or a screenshot"
_DOCUMENT_SHARE, _LEAST_DOCUMENTS = 0.05, 50


@dataclass(frozen=True, slots=True)
class TextStage:
    """``reading`` by a thread of its own, ``stage``."""

    reading: TextReadingWork
    stage: IdleStage

    def progress(self) -> TextProgress:
        """How far it is."""
        pending, rate = self.stage.pending, self.stage.rate()
        eta = round(pending / rate, 1) if pending and rate else None
        return TextProgress(pending, self.stage.made, round(rate, 2), eta)


def reading_state(library: Library, stage: TextStage | None) -> TextReadingState:
    """Whether text is read."""
    store = TextStore(library.database)
    if store.is_forgotten():
        return TextReadingState("forgotten", store.count(), None)
    if stage is None:
        return TextReadingState("off", store.count(), None)
    return TextReadingState("on", store.count(), stage.stage.pending)


def forget_text(library: Library, stage: TextStage | None) -> int:
    """Remove all text and read none until somebody asks; of how many contents."""
    count = TextStore(library.database).forget()
    if stage is not None:
        stage.reading.begin_again()
    return count


def read_again(library: Library, stage: TextStage | None) -> None:
    """Read text again after it was forgotten."""
    TextStore(library.database).read_again()
    if stage is not None:
        stage.reading.begin_again()


def start_text_stage(
    search: SearchParts, indexing: IndexingParts, throttle: IndexingThrottle
) -> TextStage | None:
    """Begin; None where text is not to be read."""
    library, stop = search.library, threading.Event()
    if library.text_models is None:
        tell_of_removed_models(TextStore(library.database))
        return None
    pack = library.pack

    def documents() -> Labels:
        vector = pack.text_encoder.encode(_DOCUMENT).embedding
        count = max(int(len(library.index) * _DOCUMENT_SHARE), _LEAST_DOCUMENTS)
        return library.index.search(vector, count).labels

    sources = TextSources(
        TextStore(library.database),
        library.database.read(),
        search.photos.renderer(),
        indexing.ingestor,
        search.photos.with_presence,
        indexing.crash_marker,
        documents,
        throttle.yield_to_searches,
        pack.id,
    )
    reading = TextReadingWork(library.text_models, sources, stop)
    stage = IdleStage(reading, throttle, stop=stop)
    stage.start()
    return TextStage(reading, stage)


def tell_of_removed_models(store: TextStore) -> None:
    """Log what becomes of text that was read by models that are not installed any more."""
    if find_ocr_models() is None and (count := store.count()):
        log.info(
            "The models that read text in photos are not installed any more. What %d photos say is "
            "kept and found, and others are not read. Install the models again: "
            'pip install --no-deps "rapidocr>=3.9,<4".',
            count,
        )
