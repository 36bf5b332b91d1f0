"""The stage that reads text in photos, as the service has it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.ingest.idle_stage import IdleStage
from crispd.ocr.text_reading import TextReading, TextSources
from crispd.store.words.content_text import TextStore
from crispd.types import TextProgress

if TYPE_CHECKING:
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.service.indexing_parts import IndexingParts
    from crispd.service.parts import SearchParts
    from crispd.types import Labels

_DOCUMENT = "a photo of a document, a receipt or a screenshot"
_DOCUMENT_SHARE, _LEAST_DOCUMENTS = 0.05, 50


@dataclass(frozen=True, slots=True)
class TextStage:
    """``reading`` by a thread of its own, ``stage``."""

    reading: TextReading
    stage: IdleStage

    def progress(self) -> TextProgress:
        """How far it is."""
        pending, rate = self.stage.pending, self.stage.rate()
        eta = round(pending / rate, 1) if pending and rate else None
        return TextProgress(pending, self.stage.made, round(rate, 2), eta)


def start_text_stage(
    search: SearchParts, indexing: IndexingParts, throttle: IndexingThrottle
) -> TextStage | None:
    """Begin; None where text is not to be read."""
    library, stop = search.library, threading.Event()
    if library.text_models is None:
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
    reading = TextReading(library.text_models, sources, stop)
    stage = IdleStage(reading, throttle, stop=stop)
    stage.start()
    return TextStage(reading, stage)
