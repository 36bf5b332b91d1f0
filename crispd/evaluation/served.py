"""An encoded library behind the real search: parsing, spelling correction, engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import NotFound, QueryError
from crispd.query.dictionary import Dictionary
from crispd.query.request import SearchRequest, make_query
from crispd.query.spelling import SpellingCorrector
from crispd.search.engine import SearchEngine
from crispd.types import FileStamp, MetadataChanges, MetadataRow, PhotoMetadata, PhotoRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.evaluation.encoded import EncodedLibrary
    from crispd.packs.pack import Pack
    from crispd.types import Labels, ResultPage, SecondReranker, TextLine

# The order is measured, not the machine: nothing runs out of time.
_DEADLINE_MS = 60_000.0


class ServedLibrary:
    """Searches an encoded library as ``GET /search`` does. ``second``: a fine pack that saw it."""

    def __init__(
        self, pack: Pack, library: EncodedLibrary, second: SecondReranker | None = None
    ) -> None:
        photos = _Photos(library)
        language, *others = pack.manifest.language_codes
        self._engine = SearchEngine(
            pack.text_encoder,
            library.index,
            photos,
            pack.reranker,
            pack.calibration,
            photos,
            speller=SpellingCorrector(pack.words, language, Dictionary.of(language), others),
            relevance=pack.relevance,
            neutral=pack.neutral,
            pictures=pack.pictures,
            fine_deadline_ms=_DEADLINE_MS,
            second=second,
            language=language,
        )

    def labels(self, text: str, count: int) -> list[int]:
        """The first ``count`` labels with ``min_relevance=all``; none where the text is refused."""
        answer = self._answer(SearchRequest(text, limit=count, min_relevance="all"))
        return [] if answer is None else [hit.photo.row - 1 for hit in answer.hits]

    def ends_empty(self, text: str) -> bool:
        """Whether nobody sees anything who asks as people ask."""
        answer = self._answer(SearchRequest(text, limit=1))
        return answer is None or not answer.hits

    def _answer(self, asked: SearchRequest) -> ResultPage | None:
        try:
            return self._engine.search(make_query(asked))
        except (QueryError, NotFound):
            return None


class _Photos:
    """A photo reader in place of SQLite: a row is a label plus one."""

    def __init__(self, library: EncodedLibrary) -> None:
        self._tokens = library.tokens
        self._count = len(library)

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        return {label: [_record(label)] for label in labels if 0 <= label < self._count}

    def label_of_photo(self, public_id: str) -> int | None:
        return None

    def photos_at(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        return {row: _record(row - 1) for row in rows}

    def ids_at(self, rows: Sequence[int]) -> dict[int, str]:
        return {row: str(row) for row in rows}

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        return {label: self._tokens[label] for label in labels if self._tokens[label]}

    def text_of(self, content_hashes: Sequence[str]) -> dict[str, tuple[TextLine, ...]]:
        return {}

    def number(self) -> int:
        return 0

    def roots(self) -> dict[int, str]:
        return {1: "/"}

    def everything(self) -> MetadataChanges:
        return MetadataChanges(0, None, [_listing(label) for label in range(self._count)])

    def since(self, number: int) -> MetadataChanges:
        return MetadataChanges(number, (), [])

    def with_words(self, field: str, text: str) -> Labels:
        return np.zeros(0, np.int64)

    def with_any_word(self, field: str) -> Labels:
        return np.zeros(0, np.int64)

    def beginning(self, field: str, text: str, most: int) -> list[str]:
        return []


def _record(label: int) -> PhotoRecord:
    return PhotoRecord(
        id=str(label + 1),
        root_id=1,
        root_path="/",
        path=f"{label}.jpg",
        content_hash=f"{label:064x}",
        stamp=FileStamp(0, 0),
        metadata=PhotoMetadata(1, 1, "jpeg"),
        row=label + 1,
    )


def _listing(label: int) -> MetadataRow:
    return MetadataRow(
        label + 1, label, 1, b"a.jpg", None, "jpeg", None, None, None, None, 1, 1, None
    )  # fmt: skip
