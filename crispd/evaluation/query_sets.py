"""Query sets of several kinds, each with its library."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crispd.errors import DatasetError
from crispd.evaluation.dataset import ALL, CAPTIONS, name_of, read_photos

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from crispd.evaluation.dataset import CaptionedPhoto

DISTRACTOR = "distractor"
Kind = Literal["sentences", "names", "words"]
# Captions that are less often another photo's as well are labels.
_SHARED = 0.9
_NAME = 3  # words of a sentence are more, on average
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class EvalQuery:
    """A query: its text and the labels of the right photos."""

    text: str
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class QuerySet:
    """``library``: photos by label. ``kind``: sentences and names have one right photo each,
    words as many as have the same caption. ``domain``: of strangers no photo is for training.
    """

    name: str
    split: str
    kind: Kind
    domain: Literal["strangers", "in-domain"]
    library: tuple[Path, ...]
    queries: tuple[EvalQuery, ...]


def find_sets(path: Path, split: str | None = None) -> list[QuerySet]:
    """Every set of questions of a data set, or of a folder of data sets; strangers' first.

    Asked are photos of ``split``; without it of ``test``, else of ``dev``, else all. Photos of the
    split ``distractor`` are nobody's answer: they stand among those of each set of sentences, and
    where there are such, each ``set`` that rows name is a library of its own. Raises DatasetError.
    """
    folders = [path] if _is_data_set(path) else sorted(filter(_is_data_set, _inside(path)))
    found = [one for folder in folders for one in _sets_of(folder, split)]
    if not found:
        raise DatasetError(f"{path} holds no data set: a folder with {CAPTIONS} and images.")
    return sorted(found, key=lambda one: one.domain != "strangers")


def is_suite(path: Path) -> bool:
    """Whether there is more to it than one set of captions: data sets, or distractors."""
    if not _is_data_set(path):
        return path.is_dir() and any(map(_is_data_set, _inside(path)))
    text = (path / CAPTIONS).read_text(encoding="utf-8", errors="replace")
    return f'"{DISTRACTOR}"' in text


def _is_data_set(path: Path) -> bool:
    return (path / CAPTIONS).is_file()


def _inside(path: Path) -> Iterable[Path]:
    try:
        return list(path.iterdir())
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error}.") from error


def _sets_of(folder: Path, split: str | None) -> list[QuerySet]:
    photos = read_photos(folder)
    distractors = [photo for photo in photos if photo.split == DISTRACTOR]
    captioned = [photo for photo in photos if photo.captions and photo.split != DISTRACTOR]
    splits = {photo.split for photo in captioned}
    wanted = split or next((one for one in ("test", "dev") if one in splits), ALL)
    asked = [photo for photo in captioned if wanted in {ALL, photo.split}]
    trained = [photo for photo in captioned if photo.split == "train"]
    name = name_of(folder)
    if not distractors:
        return [_set(name, wanted, asked, [], trained)] if asked else []
    return [
        _set(
            f"{name}/{part}",
            wanted,
            [photo for photo in asked if photo.set == part],
            distractors,
            [photo for photo in trained if photo.set == part],
        )
        for part in sorted({photo.set for photo in asked})
    ]


def _set(
    name: str,
    split: str,
    asked: Sequence[CaptionedPhoto],
    distractors: Sequence[CaptionedPhoto],
    trained: Sequence[CaptionedPhoto],
) -> QuerySet:
    kind = _kind([caption for photo in asked for caption in photo.captions])
    library = [*asked, *distractors] if kind == "sentences" else asked
    return QuerySet(
        name,
        split,
        kind,
        "in-domain" if trained else "strangers",
        tuple(photo.path for photo in library),
        tuple(_queries(asked, kind)),
    )


def _kind(captions: Sequence[str]) -> Kind:
    if len(set(captions)) <= _SHARED * len(captions):
        return "words"
    words = sum(len(_WORD.findall(caption)) for caption in captions)
    return "names" if words <= _NAME * len(captions) else "sentences"


def _queries(asked: Sequence[CaptionedPhoto], kind: Kind) -> Iterable[EvalQuery]:
    if kind != "words":
        for label, photo in enumerate(asked):
            yield from (EvalQuery(caption, frozenset([label])) for caption in photo.captions)
        return
    right: dict[str, list[int]] = {}
    for label, photo in enumerate(asked):
        for caption in photo.captions:
            right.setdefault(caption, []).append(label)
    yield from (EvalQuery(text, frozenset(labels)) for text, labels in right.items())
