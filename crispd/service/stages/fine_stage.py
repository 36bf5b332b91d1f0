"""The stage that lets the fine pack see photos, as the service has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.fine_pack.filling import FineFilling, FineSources
from crispd.search.suggest.suggestions import DEFAULT_WORDS
from crispd.store.pack_vectors import PackVectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.service.indexing_parts import IndexingParts
    from crispd.service.parts import SearchParts
    from crispd.types import Floats


def start_filling(
    search: SearchParts, indexing: IndexingParts, throttle: IndexingThrottle
) -> FineFilling | None:
    """Begin to load it and to let it see photos; None where there is none."""
    library, pack = search.library, search.library.pack
    if search.fine is None:
        return None

    def own_scores(words: str, labels: Sequence[int]) -> Floats:
        vector = pack.text_encoder.encode(words).embedding
        return library.index.scores_of(vector, np.array(labels, np.int64))

    sources = FineSources(
        PackVectors(library.database),
        library.database.read().for_pack(pack.id),
        search.photos.renderer(),
        indexing.ingestor,
        search.photos.with_presence,
        throttle,
        search.decode.thumbnails,
        pack.id,
        own_scores,
        DEFAULT_WORDS,
    )
    filling = FineFilling(search.fine, sources)
    filling.start()
    return filling
