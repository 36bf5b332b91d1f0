"""The manifest ``pack.toml`` as a pydantic model."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from crispd.errors import PackCorrupt, PackMismatch, PackMissing
from crispd.packs.constants.parts import (
    CalibrationPart,
    NeutralPart,
    PicturesPart,
    QueryPart,
    RelevancePart,
)
from crispd.packs.fields import (
    Count,
    InnerPath,
    Number,
    Section,
    Text,
    Triple,
    listed,
    must,
    sentence,
    wrong,
)
from crispd.types import Fit, ImageInput, Interpolation, Rounding

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

FORMAT = 1

MOST_DIMENSIONS, MOST_PIXELS, MOST_TOKENS = 16_384, 2048, 4096
_PIXELS, _TOKENS = f"0 to {MOST_PIXELS} is expected", f"0 to {MOST_TOKENS} is expected"
# What no model of this kind has, and what would take all memory of a small machine.
Dimensions = Annotated[
    Count, must(lambda n: n <= MOST_DIMENSIONS, f"at most {MOST_DIMENSIONS} is expected")
]
Pixels = Annotated[Count, must(lambda n: n <= MOST_PIXELS, f"at most {MOST_PIXELS} is expected")]
Tokens = Annotated[Count, must(lambda n: n <= MOST_TOKENS, f"at most {MOST_TOKENS} is expected")]
PackName = Annotated[
    str, must(re.compile(r"[\w-][\w.-]*").fullmatch, "the name of another pack is expected")
]
CleaningStep = Literal["basic", "whitespace", "lower", "canonicalize"]


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
    """``[pack]``. ``languages``: all that its text encoder reads, ``*`` for any; where they are
    several, words of a query are neither corrected nor told to be of another language.
    """

    name: Text
    version: Text
    language: Text
    licence: Text
    card: InnerPath
    languages: Annotated[tuple[Text, ...], listed("a list of languages is")] = ()


class EmbeddingPart(Section):
    """``[embedding]``."""

    dim: Dimensions


class ImagePart(GraphFiles):
    """``[image]``; ``mean`` and ``std`` are of x/255, one a channel, and of no account where the
    graph takes ``uint8``. ``resize``: short side before the crop, 0 for ``size``.

    ``input_name``, ``layout``, ``type``: of the graph's input; ``output_name``: of its vectors,
    which ``normalise`` says are not unit vectors yet.
    """

    size: Pixels
    fit: Fit
    interpolation: Interpolation
    mean: Triple
    std: Annotated[Triple, must(lambda std: min(std) > 0, "numbers above 0 are expected")]
    max_batch: Count
    resize: Annotated[int, must(lambda n: 0 <= n <= MOST_PIXELS, _PIXELS)] = 0
    rounding: Rounding = "even"
    input_name: Text = "pixels"
    layout: Literal["nchw", "nhwc"] = "nchw"
    type: Literal["float32", "float16", "uint8"] = "float32"
    output_name: Text = "embedding"
    normalise: bool = False

    @property
    def input(self) -> ImageInput:
        """How the pack wants its pixels."""
        return ImageInput(self.size, self.fit, self.interpolation, self.resize, self.rounding)


class TextPart(GraphFiles):
    """``[text]``; ``max_tokens`` counts word pieces with the special ones.

    ``clean``: what is done to a text before the tokenizer, see ``crispd.packs.text.cleaning``.
    ``length``: every text is padded to it with ``pad_id``; 0: none is. ``ids_name``, ``id_type``,
    ``mask_name`` (empty: none), ``zeros``: inputs of the graph, the last of noughts;
    ``mask_pads``: its mask counts padding too. ``language_ids``: of the token that stands first in
    a text of each language, of models that are told; the first of them where nobody can tell.
    ``output_name``, ``normalise``: as of ``[image]``.
    """

    tokenizer: InnerPath
    max_tokens: Tokens
    words: InnerPath | None = None
    clean: Annotated[tuple[CleaningStep, ...], listed("a list of cleaning steps is")] = ()
    length: Annotated[int, must(lambda n: 0 <= n <= MOST_TOKENS, _TOKENS)] = 0
    pad_id: Annotated[int, must(lambda n: n >= 0, "a number of 0 or more is expected")] = 0
    pad_side: Literal["right", "left"] = "right"
    ids_name: Text = "input_ids"
    id_type: Literal["int64", "int32"] = "int64"
    mask_name: str = "attention_mask"
    mask_pads: bool = False
    zeros: Annotated[tuple[Text, ...], listed("a list of inputs is")] = ()
    language_ids: Annotated[
        tuple[Annotated[tuple[str, int], Field(strict=False)], ...],
        listed("a list of [language, id] is"),
        must(lambda rows: all(row[1] >= 0 for row in rows), "ids of 0 or more are expected"),
    ] = ()
    output_name: Text = "embedding"
    normalise: bool = False

    @model_validator(mode="after")
    def _room(self) -> Self:
        if 0 < self.length < self.max_tokens:
            raise wrong("a number not below max_tokens is expected", "length")
        return self


class LanguagesPart(Section):
    """``[languages]``: a text tower for languages besides the pack's own, by parts of words.

    ``buckets``: rows of its table, one more is of no part; ``shortest`` and ``longest``: letters
    of the runs that words are taken apart into. ``words``: those that it was taught; ``counts``:
    how often some of them were met.
    """

    file: InnerPath
    words: InnerPath | None = None
    counts: InnerPath | None = None
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


class PackFile(Section):
    """One of ``[[files]]``. ``pack``: it lies with the pack of this name, see ``shared_files``."""

    path: InnerPath
    pack: PackName | None = None
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
    neutral: NeutralPart | None = None

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
        more = (*self.pack.languages, *(self.languages.codes if self.languages else ()))
        return tuple(dict.fromkeys((self.pack.language, *more)))

    @property
    def reads_many(self) -> bool:
        """Whether one text encoder reads several languages, which nobody here can tell apart."""
        return bool(set(self.pack.languages) - {self.pack.language})

    @property
    def used_files(self) -> tuple[str, ...]:
        """Files that are loaded; each must be among ``files``."""
        fine = () if self.fine is None else self.fine.files
        words = () if self.text.words is None else (self.text.words,)
        background = () if self.relevance is None else (self.relevance.background,)
        towers = (*self.image.files, *self.text.files, self.text.tokenizer)
        further = self.languages
        languages = (
            ()
            if further is None
            else (further.file, *filter(None, (further.words, further.counts)))
        )
        neutral = () if self.neutral is None else (self.neutral.file,)
        return (*towers, *languages, *words, *fine, *background, *neutral)


def read_manifest(folder: Path) -> Manifest:
    """Read ``pack.toml``. Raises PackMissing or PackCorrupt with the key that is wrong, or
    PackMismatch for a cross-encoder.
    """
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
    if "cross" in document:
        raise PackMismatch(
            f"{path} is of a cross-encoder, which compares a text with one photo at a time. It can "
            "re-rank what a pack finds: fine_pack in the settings."
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        raise PackCorrupt(f"{path}{sentence(error.errors()[0], document, Manifest)}") from error
