"""What indexes, and how it is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.ingest.crash_marker import CrashMarker
from crispd.ingest.ingestor import Ingestor
from crispd.ingest.size_limit_changes import previously_too_large
from crispd.service.ingest_configuration import ingest_settings, limits_sentence

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.leases import Lending
    from crispd.library.library import Library
    from crispd.memory_budgets import MemoryBudgets


@dataclass(frozen=True, slots=True)
class IndexingParts:
    """What indexes; a service that only searches has none."""

    ingestor: Ingestor
    crash_marker: CrashMarker


def start_indexing(
    settings: Settings,
    library: Library,
    budgets: MemoryBudgets,
    throttle: IndexingThrottle,
    lending: Lending | None,
    *,
    watch: bool,
) -> IndexingParts:
    """Start the pipeline. ``lending``: to workers; ``watch``: follow changes live."""
    crash_marker = CrashMarker(library.folder)
    ingestor = Ingestor(
        ingest_settings(settings, library, budgets, watch=watch),
        library.roots,
        database=library.database,
        index=library.index,
        encoder=library.pack.image_encoder,
        thumbnails=library.thumbnails,
        courtesy=throttle,
        checkpoint=library.save_index,
        unsaved=library.unsaved,
        in_flight=crash_marker,
        check_folder=library.lock.check,
        lending=lending,
        tokens=library.pack.manifest.tokens,
    )
    ingestor.start()
    limits = limits_sentence(settings, library)
    ingestor.retry(previously_too_large(library.database, limits, library.roots))
    return IndexingParts(ingestor, crash_marker)
