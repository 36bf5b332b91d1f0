"""An encoded library behind the search that people use: parsing, spelling, engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import NotFound, QueryError
from crispd.search.dictionary import Dictionary
from crispd.search.engine import SearchEngine
from crispd.search.spelling import Speller
from crispd.search.validate import Asked, make_query
from crispd.types import Changes, FileStamp, Listing, PhotoMetadata, PhotoRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.evaluation.encoded import EncodedLibrary
    from crispd.packs.pack import Pack
    from crispd.types import SearchAnswer

# The order is measured, not the machine: nothing runs out of time.
_DEADLINE_MS = 60_000.0


class Served:
    """Answers questions over an encoded library as ``GET /search`` does."""

    def __init__(self, pack: Pack, library: EncodedLibrary) -> None:
        photos = _Photos(library)
        language, *others = pack.manifest.language_codes
        self._engine = SearchEngine(
            pack.text_encoder,
            library.index,
            photos,
            pack.reranker,
            pack.calibration,
            photos,
            speller=Speller(pack.words, language, Dictionary.of(language), others),
            relevance=pack.relevance,
            pictures=pack.pictures,
            fine_deadline_ms=_DEADLINE_MS,
        )

    def labels(self, text: str, count: int) -> list[int]:
        """The first ``count`` labels with ``min_relevance=all``; none where the text is refused."""
        answer = self._answer(Asked(text, limit=count, min_relevance="all"))
        return [] if answer is None else [hit.photo.row - 1 for hit in answer.hits]

    def ends_empty(self, text: str) -> bool:
        """Whether nobody sees anything who asks as people ask."""
        answer = self._answer(Asked(text, limit=1))
        return answer is None or not answer.hits

    def _answer(self, asked: Asked) -> SearchAnswer | None:
        try:
            return self._engine.search(make_query(asked))
        except (QueryError, NotFound):
            return None


class _Photos:
    """What the engine would read from SQLite: rows are labels and one more."""

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

    def number(self) -> int:
        return 0

    def roots(self) -> dict[int, str]:
        return {1: "/"}

    def everything(self) -> Changes:
        return Changes(0, None, [_listing(label) for label in range(self._count)])

    def since(self, number: int) -> Changes:
        return Changes(number, (), [])


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


def _listing(label: int) -> Listing:
    return Listing(
        label + 1, label, 1, b"a.jpg", None, "jpeg", None, None, None, None, 1, 1, None
    )  # fmt: skip
