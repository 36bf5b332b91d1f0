"""The protocol between the HTTP rooms and the service. ``Service`` implements it; tests bring
another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import (
        Bounds,
        CacheStats,
        Completion,
        DeviceStore,
        DuplicatePage,
        EncodedPhoto,
        Filters,
        FolderStatus,
        HealthReport,
        ImageBytes,
        IndexingProblem,
        IngestProgress,
        KnownNames,
        Lease,
        OriginalFile,
        PackOverview,
        PhotoRecord,
        PhotoText,
        PictureType,
        PlaceCount,
        Query,
        Rendition,
        ResultPage,
        ServiceStatus,
        Suggestions,
        TextReadingState,
        ValueCount,
    )
    from crispd.types.query import Hemisphere


class PackAdministration(Protocol):
    """Packs that are here and could be. All methods block for moments; they raise CrispdError."""

    def overview(self, languages: Sequence[str] = ()) -> PackOverview:
        """All packs, and what is being done; advice for a reader of these languages."""

    def pull(self, wanted: str, precision: str | None = None) -> None:
        """Begin to fetch one."""

    def cancel_pull(self) -> None:
        """End that."""

    def use(self, name: str) -> None:
        """One shall answer."""

    def back(self) -> None:
        """The one that answered before shall again."""

    def remove(self, name: str) -> None:
        """Delete one."""

    def lend(self, worker: str, pack: str, seconds: float) -> tuple[str | None, Lease | None]:
        """Which pack photos are encoded by now, and some of them for a worker that has ``pack``."""

    def keep_lease(self, worker: str, lease: str) -> None:
        """A sign of life while it encodes them."""

    def take_back(self, worker: str, lease: str, made: Sequence[EncodedPhoto]) -> None:
        """What a worker made of them."""

    def hint(self) -> str | None:
        """A sentence on better packs, once."""


class ServiceFacade(Protocol):
    """All methods block and may be called from any thread. They raise CrispdError."""

    def start(self) -> None:
        """Open everything and begin to watch."""

    def stop(self) -> None:
        """Stop what runs."""

    def search(self, query: Query) -> ResultPage:
        """Answer a question."""

    def hemisphere(self) -> Hemisphere:
        """Whose seasons are meant."""

    def known_names(self) -> KnownNames:
        """Names that questions may hold."""

    def duplicates(self, limit: int, cursor: str | None) -> DuplicatePage:
        """Groups of photos that are nearly the same, as far as they are known."""

    def encoded(self, data: bytes) -> EncodedPhoto:
        """A picture that somebody sent, as questions take it; nothing of it is kept."""

    def suggestions(self) -> Suggestions:
        """What could be asked for."""

    def completions(self, q: str, at: int, language: str = "") -> list[Completion]:
        """What the words before the caret, behind ``at`` characters of a box, may become."""

    def places(
        self, filters: Filters, part: str = "", bounds: Bounds | None = None
    ) -> list[PlaceCount]:
        """Places of the photos that the filters let through, those of most photos first; with
        ``part`` in a name, within ``bounds``.
        """

    def people(self, filters: Filters, part: str = "") -> list[ValueCount]:
        """People on the photos that the filters let through, who is on most first."""

    def photo(self, photo_id: str) -> PhotoRecord:
        """One photo."""

    def thumbnail(self, photo_id: str, size: int | None, media_type: PictureType) -> Rendition:
        """What a small picture will be; ``size`` is a long side in pixels."""

    def preview(self, photo_id: str, size: int | None) -> Rendition:
        """What a JPEG for a screen will be."""

    def cached_picture(self, wanted: Rendition) -> ImageBytes | None:
        """The picture where it lies ready."""

    def picture(self, wanted: Rendition) -> ImageBytes:
        """The picture, made where it has to be."""

    def original(self, photo_id: str) -> OriginalFile:
        """Where the original lies."""

    def photo_text(self, photo_id: str, words: str) -> PhotoText:
        """What was read in a photo, and where ``words`` stand in it."""

    def text_reading(self) -> TextReadingState:
        """Whether text in photos is read."""

    def forget_text(self) -> int:
        """Remove all text of photos, and read none until somebody asks; of how many contents."""

    def read_text_again(self) -> None:
        """Read text in photos again after it was forgotten."""

    @property
    def devices(self) -> DeviceStore:
        """Who may ask. Raises NotReady while it cannot be told."""

    @property
    def packs(self) -> PackAdministration:
        """Packs. Raises NotReady."""

    def folders(self) -> list[FolderStatus]:
        """Each root."""

    def rescan(self) -> int:
        """Begin a scan of every root."""

    def reread(self, path: str | None, photo_id: str | None) -> int:
        """Read a photo, or all below a folder, anew; how many."""

    def confirm_missing(self, path: str | None) -> int:
        """Missing photos are gone on purpose; how many folders waited for that word."""

    def pause(self, *, paused: bool) -> None:
        """Stop indexing, or go on."""

    def problems(self, limit: int, offset: int) -> tuple[list[IndexingProblem], int]:
        """Files that could not be read, and how many there are."""

    def retry_problems(self) -> int:
        """Look at them again."""

    def status(self) -> ServiceStatus:
        """Flat counters."""

    def caches(self) -> dict[str, CacheStats]:
        """How often each cache had what was wanted, by its name."""

    def progress(self) -> IngestProgress:
        """How far indexing is."""

    def health(self) -> HealthReport:
        """Whether what must live does."""

    def readiness(self) -> HealthReport:
        """Whether searches are answered."""
