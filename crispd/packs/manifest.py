"""The manifest ``pack.toml`` as a pydantic model."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.fields import (
    Count,
    Four,
    FromZero,
    InnerPath,
    Number,
    Positive,
    Section,
    Share,
    Span,
    Text,
    Triple,
    Weights,
    listed,
    must,
    sentence,
    wrong,
)
from crispd.types import ImageInput, LogitWeights

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

FORMAT = 1
# Logarithms of how many times heavier a question's class part may become, and never lighter. Those
# that were measured lie from 0.4 to 2.3.
LEAST_SHARE, MOST_SHARE = 0.0, 2.5


def _stays_above_0(weights: tuple[float, ...]) -> bool:
    model = LogitWeights(*weights)
    return min(model.score + model.steep * share for share in (LEAST_SHARE, MOST_SHARE)) > 0


LogOdds = Annotated[
    Weights,  # a first one of 0 or less: a better score would be less likely
    must(lambda weights: weights[0] > 0, "a first number above 0 is expected"),
    must(_stays_above_0, "a first number that the last never brings to 0 is expected"),
]


class GraphFiles(Section):
    """A graph for any processor, and one in int8, if the pack has it.

    ``int8_in_16_bits``: no sum of two int8 products leaves 16 bits, so x86 without VNNI adds them
    up right with its fast instruction, ``pmaddubsw``.
    """

    file: InnerPath
    int8_file: InnerPath | None = None
    int8_in_16_bits: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """Both, or the one there is."""
        return (self.file,) if self.int8_file is None else (self.file, self.int8_file)


class PackPart(Section):
    """``[pack]``."""

    name: Text
    version: Text
    language: Text
    licence: Text
    card: InnerPath


class EmbeddingPart(Section):
    """``[embedding]``."""

    dim: Count


class ImagePart(GraphFiles):
    """``[image]``; ``mean`` and ``std`` are of x/255, one a channel."""

    size: Count
    fit: Literal["stretch", "cover"]
    interpolation: Literal["bicubic", "bilinear"]
    mean: Triple
    std: Annotated[Triple, must(lambda std: min(std) > 0, "numbers above 0 are expected")]
    max_batch: Count

    @property
    def input(self) -> ImageInput:
        """How the pack wants its pixels."""
        return ImageInput(self.size, self.fit, self.interpolation)


class TextPart(GraphFiles):
    """``[text]``; ``max_tokens`` counts word pieces with the special ones."""

    tokenizer: InnerPath
    max_tokens: Count
    words: InnerPath | None = None


class LanguagesPart(Section):
    """``[languages]``: a text tower for languages besides the pack's own, by parts of words.

    ``buckets``: rows of its table, one more is of no part; ``shortest`` and ``longest``: letters
    of the runs that words are taken apart into.
    """

    file: InnerPath
    codes: Annotated[
        tuple[str, ...],
        listed("a list of languages is"),
        must(lambda codes: codes and all(map(str.strip, codes)), "a list of languages is expected"),
    ]
    buckets: Count
    shortest: Count
    longest: Count
    max_words: Count

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        if self.longest < self.shortest:
            raise wrong("a number not below shortest is expected", "longest")
        return self


class TokensPart(Section):
    """``[tokens]``: region tokens of a photo and how they are stored."""

    regions: Count
    dim: Count
    storage: Literal["int8", "float16"]


class FinePart(GraphFiles):
    """``[fine]``: final = fine + coarse_weight * coarse over a shortlist of this length."""

    coarse_weight: Number
    short_list: Count


class CalibrationPart(Section):
    """``[calibration]``: logistic constants for final and for coarse scores."""

    scale: Positive  # else a better score would be less likely
    offset: Number
    coarse_scale: Positive
    coarse_offset: Number


class RelevancePart(Section):
    """``[relevance]``: weights of score, mean, spread, offset, words; see ``RelevanceModel``."""

    background: InnerPath
    photos: Count
    fine: LogOdds
    coarse: LogOdds
    likely: Share
    maybe: Share
    library: Count = 1
    small: FromZero = 0.0  # else a large library would have it in each of its photos
    maybe_words: FromZero = 0.0  # else a sentence would be asked more surely than a word

    @model_validator(mode="after")
    def _thresholds(self) -> Self:
        if self.maybe > self.likely:
            raise wrong("a number not above likely is expected", "maybe")
        return self


class PicturesPart(Section):
    """``[pictures]``: ``parts`` are dimensions from, to (not included), and what they weigh."""

    parts: Annotated[
        tuple[Annotated[tuple[int, int, Number], Field(strict=False)], ...],
        listed("a list of [from, to, weight] is"),
        must(len, "at least one is expected"),
    ]
    scale: Positive
    offset: Number
    beside_words: Positive


class QueryPart(Section):
    """``[question]``: dimensions, from and to (not included), of what captions and what classes
    taught; ``share``: offset and weights of the logarithms of words, length and spread; ``trust``:
    the share with which fine scores count once, the power by which they count less beyond, and
    what they count at most.
    """

    captions: Span
    classes: Span
    share: Four
    trust: Annotated[
        Triple,  # a power below 0: more of the classes would mean more trust
        must(
            lambda trust: trust[0] > 0 <= trust[1] and trust[2] > 0,
            "numbers above 0, and of 0 or more between them, are expected",
        ),
    ]


class PackFile(Section):
    """One of ``[[files]]``."""

    path: InnerPath
    bytes: Count
    sha256: Annotated[
        str,
        AfterValidator(str.lower),
        must(re.compile("[0-9a-f]{64}").fullmatch, "64 hexadecimal digits are expected"),
    ]


class Manifest(Section):
    """The whole of ``pack.toml``. ``id`` ties stored vectors to the pack that made them."""

    format: Count
    pack: PackPart
    embedding: EmbeddingPart
    image: ImagePart
    text: TextPart
    calibration: CalibrationPart
    files: Annotated[
        tuple[PackFile, ...],
        Field(min_length=1),
        listed("a list of tables is"),
    ]
    tokens: TokensPart | None = None
    fine: FinePart | None = None
    relevance: RelevancePart | None = None
    pictures: PicturesPart | None = None
    question: QueryPart | None = None
    languages: LanguagesPart | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Sections that need others, and dimensions that the embedding does not have."""
        if self.fine is not None and self.tokens is None:
            raise wrong("[fine] needs [tokens]")
        if self.question is not None and self.relevance is None:
            raise wrong("[question] needs [relevance], for its background")
        for start, stop, weight in () if self.pictures is None else self.pictures.parts:
            if not 0 <= start < stop <= self.dim or weight <= 0:
                what = f"[from, to, weight] within 0 to {self.dim} are expected"
                raise wrong(what, "pictures", "parts")
        for key in ("captions", "classes") if self.question is not None else ():
            start, stop = getattr(self.question, key)
            if not 0 <= start < stop <= self.dim:
                raise wrong(f"[from, to] within 0 to {self.dim} is expected", "question", key)
        return self

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.pack.name}@{self.pack.version}"

    @property
    def dim(self) -> int:
        """Of its vectors."""
        return self.embedding.dim

    @property
    def language_codes(self) -> tuple[str, ...]:
        """Codes of all languages that the pack reads, its own first."""
        return (self.pack.language, *(self.languages.codes if self.languages else ()))

    @property
    def used_files(self) -> tuple[str, ...]:
        """Files that are loaded; each must be among ``files``."""
        fine = () if self.fine is None else self.fine.files
        words = () if self.text.words is None else (self.text.words,)
        background = () if self.relevance is None else (self.relevance.background,)
        towers = (*self.image.files, *self.text.files, self.text.tokenizer)
        languages = () if self.languages is None else (self.languages.file,)
        return (*towers, *languages, *words, *fine, *background)


def read_manifest(folder: Path) -> Manifest:
    """Read ``pack.toml``. Raises PackMissing or PackCorrupt with the key that is wrong."""
    path = folder / "pack.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PackMissing(f"There is no model pack in {folder}: pack.toml is missing.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}.") from error
    version = document.get("format")
    if isinstance(version, int) and version > FORMAT:  # its keys may be others
        raise PackCorrupt(
            f"{path} has format {version}; this crispd reads up to {FORMAT}. Update crispd."
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        raise PackCorrupt(f"{path}{sentence(error.errors()[0], document, Manifest)}") from error
