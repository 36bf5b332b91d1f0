"""A loaded pack: its encoders, its re-ranker and its calibration."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.packs.constants.calibration import LogisticCalibration
from crispd.packs.constants.image_query_model import read_image_query
from crispd.packs.constants.relevance_model import read_neutral, read_relevance
from crispd.packs.fine.reranker import OnnxReranker
from crispd.packs.fine.token_storage import unpack_tokens
from crispd.packs.image_encoder import OnnxImageEncoder
from crispd.packs.integrity import verify
from crispd.packs.manifest import Manifest, read_manifest
from crispd.packs.shared_files import place_of
from crispd.packs.text.known_words import KnownWords
from crispd.packs.text.language_tower import LanguageTower
from crispd.packs.text.multilingual import MultilingualTextEncoder
from crispd.packs.text.other_counts import OtherCounts
from crispd.packs.text.text_encoder import OnnxTextEncoder
from crispd.packs.text.training_words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from pathlib import Path

    from crispd.types import (
        Calibration,
        Floats,
        ImageEncoder,
        ImageInput,
        ImageQueryModel,
        Precision,
        RelevanceModel,
        Reranker,
        TextEncoder,
    )

# Products of a text are so small that to wake a second thread costs more than it does (decision
# 342).
_TOO_FEW_THREADS = 2


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a pack offers; ``reranker`` is None where it has no fine stage.

    ``relevance`` is None where the pack does not say when a photo shows what was asked for.
    ``words``: how often each word that it knows was met; empty where it does not say.
    ``other_words``: of other languages that it was taught, see ``MultilingualTextEncoder``.
    ``other_counts``: of such a language, how often each word was met.
    ``neutral`` float32 [n, dim]: vectors of questions that ask for nothing in particular, of a
    pack that has no ``relevance``.
    ``threads``: those of the processor that ``image_encoder`` has; 0: something else computes.
    """

    manifest: Manifest
    image_encoder: ImageEncoder
    text_encoder: TextEncoder
    reranker: Reranker | None
    calibration: Calibration
    words: dict[str, int]
    relevance: RelevanceModel | None = None
    neutral: Floats | None = None
    threads: int = 1
    other_words: Container[str] = frozenset()
    other_counts: Callable[[str], Mapping[str, int]] = lambda _: {}

    @property
    def unpack(self) -> Callable[[Sequence[bytes]], Floats] | None:
        """Stored tokens of K photos to float32 [K, regions, dim]; None where there are none."""
        part = self.manifest.tokens
        return None if part is None else lambda stored: unpack_tokens(stored, part)

    @property
    def pictures(self) -> ImageQueryModel:
        """How photos are compared with photos."""
        return read_image_query(self.manifest)

    @property
    def id(self) -> str:
        """``name@version``: what ties stored vectors to the pack that made them."""
        return self.manifest.id

    @property
    def name(self) -> str:
        """What commands and settings call it."""
        return self.manifest.pack.name

    @property
    def dim(self) -> int:
        """Dimensions of an embedding."""
        return self.manifest.dim

    @property
    def image_input(self) -> ImageInput:
        """How the pack wants its pixels."""
        return self.manifest.image.input


def load_image_encoder(
    folder: Path,
    manifest: Manifest,
    threads: int,
    precision: Precision = "auto",
    provider: str = "cpu",
) -> ImageEncoder:
    """The image encoder alone, of files that were verified. Raises PackError."""
    return OnnxImageEncoder(folder, manifest, threads, precision, provider=provider)


def _load_reranker(
    folder: Path, manifest: Manifest, threads: int, precision: Precision
) -> OnnxReranker | None:
    if manifest.fine is None or manifest.tokens is None:
        return None
    place = place_of(folder, manifest, manifest.fine.file).parent
    return OnnxReranker(place, manifest.fine, manifest.tokens, threads, precision)


def _load_text(
    folder: Path,
    manifest: Manifest,
    words: dict[str, int],
    known: Container[str],
    threads: int,
    cache: int,
    precision: Precision,
) -> TextEncoder:
    threads = threads if threads > _TOO_FEW_THREADS else 1
    own = OnnxTextEncoder(folder, manifest, threads, cache, precision)
    if manifest.languages is None:
        return own
    tower = LanguageTower(folder, manifest, manifest.languages, threads)
    return MultilingualTextEncoder(own, manifest.pack.language, tower, words, known)


def _other_words(folder: Path, manifest: Manifest) -> Container[str]:
    file = None if manifest.languages is None else manifest.languages.words
    return frozenset() if file is None else KnownWords.read(place_of(folder, manifest, file))


def _other_counts(folder: Path, manifest: Manifest) -> Callable[[str], Mapping[str, int]]:
    file = None if manifest.languages is None else manifest.languages.counts
    return OtherCounts(place_of(folder, manifest, file)) if file is not None else lambda _: {}


def load_pack(
    folder: Path,
    *,
    index_threads: int,
    search_threads: int,
    encoders: int = 1,
    verify_files: bool = True,
    text_cache: int = 1024,
    precision: Precision = "auto",
    provider: str = "cpu",
) -> Pack:
    """Verify and load a pack; everything at once, so that what is wrong shows at the start.

    ``precision``: ``auto`` takes a pack's int8 graphs where the processor is fast with them.
    ``provider``: what computes photos' vectors, see ``choose_provider``.
    ``encoders``: threads that will encode photos, which are some of ``index_threads``.
    Indexing and searching have sessions, and so threads, of their own: neither waits for the other.
    Raises PackError. About 0.2 s for ``mini``; a first search needs no further loading.
    """
    manifest = read_manifest(folder)
    if verify_files:
        verify(folder, manifest)
    # beside all else: it is half of the work, and onnxruntime lets others have the interpreter
    with ThreadPoolExecutor(1, thread_name_prefix="crispd-load") as beside:
        loading = beside.submit(
            OnnxImageEncoder, folder, manifest, index_threads, precision,
            provider=provider, callers=encoders,
        )  # fmt: skip
        reranker = _load_reranker(folder, manifest, search_threads, precision)
        words = read_words(folder, manifest)
        known = _other_words(folder, manifest)
        text = _load_text(folder, manifest, words, known, search_threads, text_cache, precision)
        photos = loading.result()
    return Pack(
        manifest,
        photos,
        text,
        reranker,
        LogisticCalibration(manifest.calibration),
        words,
        None if manifest.relevance is None else read_relevance(folder, manifest),
        None if manifest.neutral is None else read_neutral(folder, manifest.neutral, manifest.dim),
        index_threads if photos.on_processor else 0,
        known,
        _other_counts(folder, manifest),
    )
