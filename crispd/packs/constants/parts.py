"""Sections of ``pack.toml`` with constants of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

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
    Triple,
    Weights,
    listed,
    must,
    wrong,
)  # fmt: skip
from crispd.types import LogitWeights

if TYPE_CHECKING:
    from typing import Self

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


class CalibrationPart(Section):
    """``[calibration]``: logistic constants for final and for coarse scores."""

    scale: Positive  # else a better score would be less likely
    offset: Number
    coarse_scale: Positive
    coarse_offset: Number


class RelevancePart(Section):
    """``[relevance]``: weights of score, mean, spread, offset, words; see ``RelevanceModel``.

    ``languages_gain``: what coarse scores of texts that the tower of ``[languages]`` reads are
    multiplied by before.
    """

    background: InnerPath
    photos: Count
    fine: LogOdds
    coarse: LogOdds
    likely: Share
    maybe: Share
    library: Count = 1
    small: FromZero = 0.0  # else a large library would have it in each of its photos
    maybe_words: FromZero = 0.0  # else a sentence would be asked more surely than a word
    languages_gain: Annotated[
        Number, must(lambda gain: 0.5 <= gain <= 2, "0.5 to 2 is expected")
    ] = 1.0

    @model_validator(mode="after")
    def _thresholds(self) -> Self:
        if self.maybe > self.likely:
            raise wrong("a number not above likely is expected", "maybe")
        return self


class NeutralPart(Section):
    """``[neutral]``: vectors of questions that ask for nothing in particular, float16 [n, dim];
    from these and the library comes the relevance of a pack without ``[relevance]``.
    """

    file: InnerPath


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
