"""The parts of a running service, frozen: each exists or the service lacks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.duplicates.duplicate_service import DuplicateService
from crispd.fine_pack.reranker import FinePackReranker
from crispd.library.opening import open_library
from crispd.memory_budgets import make_memory_budgets
from crispd.places.name_lookup import GazetteerLookup
from crispd.query.dictionary import Dictionary
from crispd.query.languages.other_spelling import OtherSpelling
from crispd.query.spelling import SpellingCorrector
from crispd.sample_queries import sample_queries_for
from crispd.search.engine import SearchEngine
from crispd.search.words.place_names import PlaceNameSource
from crispd.service.ingest_configuration import decode_settings
from crispd.service.known_names import LibraryNames, indexed_place_name
from crispd.service.packs.fine_pack import make_fine_pack
from crispd.service.photo_access import PhotoAccess
from crispd.service.visual_words import VisualWords, is_town

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.fine_pack.reranker import FinePack
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.stages.decode_stage import DecodeSettings
    from crispd.library.library import Library
    from crispd.memory_budgets import MemoryBudgets


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
    fine: FinePack | None = None


def open_search(
    settings: Settings, throttle: IndexingThrottle, *, watching: bool, at_once: bool = False
) -> SearchParts:
    """Open the data folder and everything that answers from it. Raises StorageError, PackError."""
    library = open_library(settings, watching=watching, at_once=at_once)
    fine = make_fine_pack(settings, library) if watching else None
    return make_search(settings, library, make_memory_budgets(library.memory), throttle, fine)


def make_search(
    settings: Settings,
    library: Library,
    budgets: MemoryBudgets,
    throttle: IndexingThrottle,
    fine: FinePack | None = None,
) -> SearchParts:
    """What answers from an opened data folder, with its pack and index."""
    pack = library.pack
    language, *others = pack.manifest.language_codes
    reader = library.database.read().for_pack(pack.id)
    is_visual = VisualWords(pack.words, pack.other_words, others)
    speller = SpellingCorrector(
        pack.words, language, Dictionary.of(language), others,
        others=OtherSpelling(pack.other_counts, pack.other_words, is_town),
        corrects=not pack.manifest.reads_many,
    )  # fmt: skip
    engine = SearchEngine(
        pack.text_encoder,
        library.index,
        reader,
        pack.reranker,
        pack.calibration,
        reader.listings(pack.id, speller.knows),
        speller=speller,
        relevance=pack.relevance,
        neutral=pack.neutral,
        pictures=pack.pictures,
        words=PlaceNameSource(
            reader.words(pack.id, speller.knows), lambda word: indexed_place_name(word, is_visual)
        ),
        places=GazetteerLookup(),
        is_visual=is_visual,
        short_list=settings.short_list,
        fine_deadline_ms=settings.fine_deadline_ms,
        second=None if fine is None else FinePackReranker(fine, pack.id),
        language="" if pack.manifest.reads_many else language,
        suggested=sample_queries_for(library.roots),
    )
    photos = PhotoAccess(library, budgets, speller.knows)
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
    return SearchParts(library, budgets, decode, engine, photos, duplicates, names, fine)
