"""The parts of a running service, frozen: each exists or the service lacks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.duplicates.duplicate_service import DuplicateService
from crispd.library import open_library
from crispd.memory_budgets import make_memory_budgets
from crispd.places.name_lookup import GazetteerLookup
from crispd.query.dictionary import Dictionary
from crispd.query.spelling import SpellingCorrector
from crispd.sample_queries import sample_queries_for
from crispd.search.engine import SearchEngine
from crispd.search.words.place_names import PlaceNameSource
from crispd.service.ingest_configuration import decode_settings
from crispd.service.known_names import LibraryNames, indexed_place_name
from crispd.service.photo_access import PhotoAccess

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.stages.decode_stage import DecodeSettings
    from crispd.library import Library
    from crispd.memory_budgets import MemoryBudgets

# A word that training met so often is one that the models know.
_MET_OFTEN = 3


@dataclass(frozen=True, slots=True)
class SearchParts:
    """The parts that search, from the opening of the data folder to its closing."""

    library: Library
    budgets: MemoryBudgets
    decode: DecodeSettings
    engine: SearchEngine
    photos: PhotoAccess
    duplicates: DuplicateService
    names: LibraryNames


def open_search(settings: Settings, throttle: IndexingThrottle, *, watching: bool) -> SearchParts:
    """Open the data folder and everything that answers from it. Raises StorageError, PackError."""
    library = open_library(settings, watching=watching)
    budgets = make_memory_budgets(library.memory)
    pack = library.pack
    language, *others = pack.manifest.language_codes
    reader = library.database.read().for_pack(pack.id)

    def is_visual(word: str) -> bool:
        return pack.words.get(word, 0) >= _MET_OFTEN

    engine = SearchEngine(
        pack.text_encoder,
        library.index,
        reader,
        pack.reranker,
        pack.calibration,
        reader.listings(pack.id),
        speller=SpellingCorrector(pack.words, language, Dictionary.of(language), others),
        relevance=pack.relevance,
        pictures=pack.pictures,
        words=PlaceNameSource(
            reader.words(pack.id), lambda word: indexed_place_name(word, is_visual)
        ),
        places=GazetteerLookup(),
        is_visual=is_visual,
        short_list=settings.short_list,
        fine_deadline_ms=settings.fine_deadline_ms,
        suggested=sample_queries_for(library.roots),
    )
    photos = PhotoAccess(library, budgets)
    duplicates = DuplicateService(
        library.index,
        reader,
        engine.metadata_index,
        pack.unpack,
        throttle.yield_to_searches,
        library.folder / "index",
        f"{library.database.id} {pack.id}",
        photos.renderer().of_size,
    )
    decode = decode_settings(settings, library, budgets)
    names = LibraryNames(engine.metadata_index, is_visual)
    return SearchParts(library, budgets, decode, engine, photos, duplicates, names)
