"""Protocols between rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crispd.types.arrays import Floats, Labels, Pixels
    from crispd.types.metadata_rows import MetadataChanges
    from crispd.types.photo import (
        EncodedPhoto,
        EncodedText,
        GeoPosition,
        ImageInput,
        PhotoRecord,
        PlaceNames,
        TextLine,
    )
    from crispd.types.query import NameChoice
    from crispd.types.results import Candidates
    from crispd.types.status import CacheStats


class ImageEncoder(Protocol):
    """Pixels to vectors; called from encoder threads."""

    def encode(self, pixels: Pixels) -> list[EncodedPhoto]:
        """``pixels`` uint8 [B, size, size, 3] -> B encoded photos."""


class TextEncoder(Protocol):
    """Words to vectors; called from search threads."""

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        """One text, not batched: a query is always one sentence.

        ``spoken``: the code of the language of whoever asks, for words that several have.
        """

    def other_language(self, text: str, spoken: str = "") -> str | None:
        """The code of the language that a text is read in; None for the pack's own."""

    @property
    def use(self) -> CacheStats:
        """How often a text was remembered."""


class Reranker(Protocol):
    """The fine stage of a pack."""

    @property
    def coarse_weight(self) -> float:
        """Share of the coarse score in the final one."""

    @property
    def short_list(self) -> int:
        """K the pack was tuned for."""

    def score(self, text: EncodedText, tokens: Sequence[bytes]) -> Floats:
        """Fine scores float32 [K] of K candidates' stored tokens."""


class FineModel(Protocol):
    """A pack as the fine stage of another: it has seen photos, and scores them for a text."""

    @property
    def id(self) -> str:
        """Name and version: what ties stored vectors to it."""

    @property
    def image_input(self) -> ImageInput:
        """How it wants its pixels."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of those that it reads, ``*`` for any."""

    def see(self, pixels: Pixels) -> EncodedPhoto:
        """What is to be kept of a photo; ``pixels`` uint8 [size, size, 3]. Raises PackError."""

    def scorer(self, text: str) -> Callable[[Sequence[EncodedPhoto]], Floats]:
        """What scores photos for a text, float32 [K], as many as are best scored at once at most.
        It raises PackError.
        """

    @property
    def at_once(self) -> int:
        """Photos between two looks at the clock."""


class SecondReranker(Protocol):
    """The fine stage of another pack, over a shortlist."""

    @property
    def short_list(self) -> int:
        """K, unless the settings say otherwise."""

    def score(
        self, written: str, corrected: str, language: str, labels: Sequence[int], seconds: float
    ) -> dict[int, float]:
        """Scores by label, of those that could be scored in so many seconds; none where it has
        nothing to say. ``labels``: best first; ``language``: the code of what was written.
        """


class Calibration(Protocol):
    """Raw scores to probabilities."""

    def final(self, score: float) -> float:
        """Probability of a re-ranked photo, 0..1."""

    def coarse(self, score: float) -> float:
        """Probability where only the coarse score is known, 0..1."""


class CoarseIndex(Protocol):
    """Nearest neighbours by inner product. ``search`` may run beside anything."""

    def search(
        self,
        vector: Floats,
        k: int,
        among: Labels | None = None,
        score_floor: float | None = None,
    ) -> Candidates:
        """At most ``k`` live neighbours, best first; fewer where there are fewer, and beyond them
        those that score ``score_floor`` or more.
        """

    def scores_of(self, vector: Floats, labels: Labels) -> Floats:
        """Inner products float32 [n] of labels; NaN for those that are not live."""

    def vectors_of(self, labels: Labels) -> Floats:
        """float32 [n, dim] of labels; rows of NaN for those that are not live."""

    def labels(self) -> Labels:
        """Live labels, int64, ascending."""

    def __len__(self) -> int:
        """Live vectors."""


class PhotoReader(Protocol):
    """What a search reads from SQLite."""

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        """Ready photos by embedding label; a copy shares its label with its original."""

    def label_of_photo(self, public_id: str) -> int | None:
        """Label of a ready photo; None where there is none, or the pack has not encoded it."""

    def photos_at(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        """Ready photos by their rows in SQLite."""

    def ids_at(self, rows: Sequence[int]) -> dict[int, str]:
        """Public ids of ready photos by their rows."""

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        """Stored region tokens by embedding label."""

    def text_of(self, content_hashes: Sequence[str]) -> dict[str, tuple[TextLine, ...]]:
        """Lines of text that were read in contents."""


class VectorSource(Protocol):
    """What an index is rebuilt from."""

    def live_labels(self, pack: str) -> Labels:
        """Labels of every embedding that a ready photo refers to, ascending."""

    def vectors(self, pack: str, labels: Labels) -> Iterator[tuple[Labels, Floats]]:
        """Chunks of (labels [n], vectors [n, dim]) for the given labels."""


class PlaceResolver(Protocol):
    """What a place is called."""

    @property
    def edition(self) -> str:
        """Another one where the same place may be called otherwise."""

    def resolve(self, names: PlaceNames | None, position: GeoPosition | None) -> PlaceNames | None:
        """What is known of a place by a photo's own ``names`` for it, which go first, and by its
        position; None where nothing is.
        """


class PlaceLookup(Protocol):
    """Which places names mean."""

    def matcher(self, wanted: NameChoice) -> Callable[[PlaceNames | None], bool]:
        """Whether a place is one of those, or lies in one; of names side by side that lie in one
        another, as ``Paris`` and ``Texas``, both count.
        """

    def position_of(self, place: PlaceNames) -> GeoPosition | None:
        """Where a place lies, None where that is not known."""


class MetadataSource(Protocol):
    """The source of the metadata index and its updates."""

    def number(self) -> int:
        """Of the latest change."""

    def roots(self) -> dict[int, str]:
        """Paths of all roots by their ids."""

    def everything(self) -> MetadataChanges:
        """Every searchable photo."""

    def since(self, number: int) -> MetadataChanges:
        """What changed after ``number``."""

    def with_words(self, field: str, text: str) -> Labels:
        """Rows int64 of the photos whose ``field`` of the word index has all words of a text."""

    def with_any_word(self, field: str) -> Labels:
        """Rows int64 of the photos that have words in a field of the word index."""

    def beginning(self, field: str, text: str, most: int) -> list[str]:
        """For ``name`` the names of files that have the words of a text, the last one perhaps only
        begun; for other fields the words that begin so.
        """
