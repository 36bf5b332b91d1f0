"""``pack.toml`` as a dataclass."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.table import GraphFiles, Table, is_number
from crispd.types import ImageInput, LogitWeights

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
# Logarithms of how many times heavier a question's class part may become, and never lighter. Those
# that were measured lie from 0.4 to 2.3.
LEAST_SHARE, MOST_SHARE = 0.0, 2.5


@dataclass(frozen=True, slots=True)
class ImagePart:
    """``[image]``; ``mean`` and ``std`` are of x/255, one a channel."""

    files: GraphFiles
    input: ImageInput
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    max_batch: int


@dataclass(frozen=True, slots=True)
class TextPart:
    """``[text]``; ``max_tokens`` counts word pieces with the special ones."""

    files: GraphFiles
    tokenizer: str
    max_tokens: int
    words: str | None


@dataclass(frozen=True, slots=True)
class LanguagesPart:
    """``[languages]``: a text tower for languages besides the pack's own, by parts of words.

    ``buckets``: rows of its table, one more is of no part; ``shortest`` and ``longest``: letters
    of the runs that words are taken apart into.
    """

    file: str
    codes: tuple[str, ...]
    buckets: int
    shortest: int
    longest: int
    max_words: int


@dataclass(frozen=True, slots=True)
class TokensPart:
    """``[tokens]``: region tokens of a photo and how they are stored."""

    regions: int
    dim: int
    storage: Literal["int8", "float16"]


@dataclass(frozen=True, slots=True)
class FinePart:
    """``[fine]``: final = fine + coarse_weight * coarse over a short list of this length."""

    files: GraphFiles
    coarse_weight: float
    short_list: int


@dataclass(frozen=True, slots=True)
class CalibrationPart:
    """``[calibration]``: logistic constants for final and for coarse scores."""

    scale: float
    offset: float
    coarse_scale: float
    coarse_offset: float


@dataclass(frozen=True, slots=True)
class RelevancePart:
    """``[relevance]``: weights of score, mean, spread, offset, words; see ``RelevanceModel``."""

    background: str
    photos: int
    fine: LogitWeights
    coarse: LogitWeights
    likely: float
    maybe: float
    library: int
    small: float
    maybe_words: float


@dataclass(frozen=True, slots=True)
class PicturesPart:
    """``[pictures]``: ``parts`` are dimensions from, to (not included), and what they weigh."""

    parts: tuple[tuple[int, int, float], ...]
    scale: float
    offset: float
    beside_words: float


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """``[question]``: dimensions, from and to (not included), of what captions and what classes
    taught; ``share``: offset and weights of the logarithms of words, length and spread; ``trust``:
    the share with which fine scores count once, the power by which they count less beyond, and
    what they count at most.
    """

    captions: tuple[int, int]
    classes: tuple[int, int]
    share: tuple[float, float, float, float]
    trust: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PackFile:
    """One of ``[[files]]``."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of ``pack.toml``. ``id`` ties stored vectors to the pack that made them."""

    name: str
    version: str
    language: str
    licence: str
    card: str
    image: ImagePart
    text: TextPart
    dim: int
    tokens: TokensPart | None
    fine: FinePart | None
    calibration: CalibrationPart
    relevance: RelevancePart | None
    pictures: PicturesPart | None
    question: QuestionPart | None
    files: tuple[PackFile, ...]
    more_languages: LanguagesPart | None = None

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of all languages that the pack reads, its own first."""
        return (self.language, *(self.more_languages.codes if self.more_languages else ()))

    @property
    def image_input(self) -> ImageInput:
        """How the pack wants its pixels."""
        return self.image.input

    @property
    def used_files(self) -> tuple[str, ...]:
        """Files that are loaded; each must be among ``files``."""
        fine = () if self.fine is None else self.fine.files.all
        words = () if self.text.words is None else (self.text.words,)
        background = () if self.relevance is None else (self.relevance.background,)
        towers = (*self.image.files.all, *self.text.files.all, self.text.tokenizer)
        languages = () if self.more_languages is None else (self.more_languages.file,)
        return (*towers, *languages, *words, *fine, *background)


def read_manifest(folder: Path) -> Manifest:
    """Read ``pack.toml``. Raises PackMissing or PackCorrupt with the key that is wrong."""
    path = folder / "pack.toml"
    try:
        table = Table(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except FileNotFoundError as error:
        raise PackMissing(f"There is no model pack in {folder}: pack.toml is missing.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}.") from error
    version = table.positive("format")
    if version > FORMAT:
        raise PackCorrupt(
            f"{path} has format {version}; this crispd reads up to {FORMAT}. Update crispd."
        )
    return _manifest(table)


def _manifest(table: Table) -> Manifest:
    pack = table.table("pack")
    tokens = table.optional("tokens")
    fine = table.optional("fine")
    relevance = table.optional("relevance")
    pictures = table.optional("pictures")
    languages = table.optional("languages")
    question = table.optional("question")
    dim = table.table("embedding").positive("dim")
    if fine is not None and tokens is None:
        raise PackCorrupt(f"{table.where}: [fine] needs [tokens].")
    if question is not None and relevance is None:
        raise PackCorrupt(f"{table.where}: [question] needs [relevance], for its background.")
    return Manifest(
        name=pack.text("name"),
        version=pack.text("version"),
        language=pack.text("language"),
        licence=pack.text("licence"),
        card=pack.file("card"),
        image=_image(table.table("image")),
        text=_text(table.table("text")),
        dim=dim,
        tokens=None if tokens is None else _tokens(tokens),
        fine=None if fine is None else _fine(fine),
        calibration=_calibration(table.table("calibration")),
        relevance=None if relevance is None else _relevance(relevance),
        pictures=None if pictures is None else _pictures(pictures, dim),
        question=None if question is None else _question(question, dim),
        files=tuple(_file(entry) for entry in table.tables("files")),
        more_languages=None if languages is None else _languages(languages),
    )


def _image(table: Table) -> ImagePart:
    wanted = ImageInput(
        table.positive("size"),
        table.choice("fit", ("stretch", "cover")),  # type: ignore[arg-type]
        table.choice("interpolation", ("bicubic", "bilinear")),  # type: ignore[arg-type]
    )
    mean, std = table.triple("mean"), table.triple("std")
    if min(std) <= 0:
        raise table.wrong("std", "numbers above 0 are expected")
    return ImagePart(table.graph(), wanted, mean, std, table.positive("max_batch"))


def _text(table: Table) -> TextPart:
    graph, tokenizer = table.graph(), table.file("tokenizer")
    return TextPart(graph, tokenizer, table.positive("max_tokens"), table.optional_file("words"))


def _languages(table: Table) -> LanguagesPart:
    codes = table.get("codes", list)
    if not codes or not all(isinstance(code, str) and code.strip() for code in codes):
        raise table.wrong("codes", "a list of languages is expected")
    shortest, longest = table.positive("shortest"), table.positive("longest")
    if longest < shortest:
        raise table.wrong("longest", "a number not below shortest is expected")
    return LanguagesPart(
        table.file("file"),
        tuple(codes),
        table.positive("buckets"),
        shortest,
        longest,
        table.positive("max_words"),
    )


def _tokens(table: Table) -> TokensPart:
    storage = table.choice("storage", ("int8", "float16"))
    return TokensPart(table.positive("regions"), table.positive("dim"), storage)  # type: ignore[arg-type]


def _fine(table: Table) -> FinePart:
    return FinePart(table.graph(), table.number("coarse_weight"), table.positive("short_list"))


def _calibration(table: Table) -> CalibrationPart:
    for key in ("scale", "coarse_scale"):
        if table.number(key) <= 0:  # a better score would be less likely
            raise table.wrong(key, "a number above 0 is expected")
    names = ("scale", "offset", "coarse_scale", "coarse_offset")
    return CalibrationPart(*(table.number(name) for name in names))


def _relevance(table: Table) -> RelevancePart:
    for key in ("likely", "maybe"):
        if not 0 < table.number(key) < 1:
            raise table.wrong(key, "a probability above 0 and below 1 is expected")
    if table.number("maybe") > table.number("likely"):
        raise table.wrong("maybe", "a number not above likely is expected")
    return RelevancePart(
        table.file("background"),
        table.positive("photos"),
        _weights(table, "fine"),
        _weights(table, "coarse"),
        table.number("likely"),
        table.number("maybe"),
        table.positive("library") if table.has("library") else 1,
        _from_zero(table, "small"),  # else a large library would have it in each of its photos
        _from_zero(table, "maybe_words"),  # else a sentence would be asked more surely than a word
    )


def _pictures(table: Table, dim: int) -> PicturesPart:
    parts = []
    for part in table.get("parts", list):
        fits = isinstance(part, list) and len(part) == 3 and all(map(is_number, part))
        if not fits or not 0 <= part[0] < part[1] <= dim or part[2] <= 0:
            raise table.wrong("parts", f"[from, to, weight] within 0 to {dim} are expected")
        parts.append((int(part[0]), int(part[1]), float(part[2])))
    if not parts:
        raise table.wrong("parts", "at least one is expected")
    scale, beside = table.number("scale"), table.number("beside_words")
    if scale <= 0 or beside <= 0:
        raise table.wrong("scale" if scale <= 0 else "beside_words", "a number above 0 is expected")
    return PicturesPart(tuple(parts), scale, table.number("offset"), beside)


def _question(table: Table, dim: int) -> QuestionPart:
    offset, words, length, spread = table.numbers("share", 4)
    pivot, power, most = table.numbers("trust", 3)
    if min(pivot, most) <= 0 or power < 0:  # more of the classes would mean more trust
        raise table.wrong("trust", "numbers above 0, and of 0 or more between them, are expected")
    captions, classes = table.span("captions", dim), table.span("classes", dim)
    return QuestionPart(captions, classes, (offset, words, length, spread), (pivot, power, most))


def _from_zero(table: Table, key: str) -> float:
    found = table.number(key) if table.has(key) else 0.0
    if found < 0:
        raise table.wrong(key, "a number of 0 or more is expected")
    return found


def _weights(table: Table, key: str) -> LogitWeights:
    weights = LogitWeights(*table.numbers(key, 4, 5, 6, 7))
    if weights.score <= 0:  # a better score would be less likely
        raise table.wrong(key, "a first number above 0 is expected")
    if min(weights.score + weights.steep * share for share in (LEAST_SHARE, MOST_SHARE)) <= 0:
        raise table.wrong(key, "a first number that the last never brings to 0 is expected")
    return weights


def _file(table: Table) -> PackFile:
    digest = table.text("sha256").lower()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise table.wrong("sha256", "64 hexadecimal digits are expected")
    return PackFile(table.file("path"), table.positive("bytes"), digest)
