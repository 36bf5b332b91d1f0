"""Questions of every kind over dev photos, with the parts of their scores, made once and kept."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.captioned import encode_files
from benchmarks.common.report import say
from crispd.packs.constants.relevance_model import read_relevance
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import load_pack
from crispd.packs.text.query_weights import content_words
from crispd.packs.text.text_encoder import OnnxTextEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels

# Dimensions of the two parts, as models/train/towers/heads.py makes them.
CAPTIONS, CLASSES = (0, 256), (256, 381)
_SHARES = (0.5, 1.0, 2.0, 4.0, 8.0)  # lists hold the nearest with any of these
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Set:
    """``among``: folder of the data, set and split of the photos; the first are asked for.

    ``counts``: in the fit. ``group``: left out together. ``form``: of a caption as it is asked.
    ``every``: one in so many questions.
    """

    among: tuple[tuple[str, str | None, str], ...]
    counts: float
    group: str
    form: str = "{}"
    every: int = 1


_NAMES = (("strangers", "names", "dev"),)
SETS = {
    "class names": Set(_NAMES, 0.6, "names"),
    "a photo of a class name": Set(_NAMES, 0.3, "names", "a photo of a {}"),
    "class names, plural": Set(_NAMES, 0.3, "names", "{}s"),
    "strangers' captions": Set(
        (("strangers", "coco", "dev"), ("strangers", "plain", "distractor")), 1.2, "strangers"
    ),
    "everyday": Set((("everyday", None, "dev"),), 0.7, "everyday"),
    "scenes": Set(
        (
            ("strangers", "scenes", "dev"),
            ("strangers", "names", "dev"),
            ("strangers", "coco", "dev"),
        ),
        0.4,
        "scenes",
    ),
    "flickr8k": Set((("flickr8k", None, "dev"),), 10.0, "flickr8k", every=3),
}


@dataclass(frozen=True, slots=True)
class Questions:
    """Of T questions K photos that are near: ``captions``, ``classes`` and ``fine`` float64 [T, K],
    ``right`` bool [T, K]. ``figures`` [T, 3]: logarithms of words, length and spread.
    """

    name: str
    captions: Floats
    classes: Floats
    fine: Floats
    right: Labels
    figures: Floats


def dev_questions(folder: Path, data: Path, cache: Path) -> tuple[Pack, list[Questions]]:
    """The pack, and all sets; parts as the graphs give them, whatever ``[question]`` says."""
    pack = load_pack(folder, index_threads=2, search_threads=2)
    manifest = read_manifest(folder).model_copy(update={"question": None})
    text = OnnxTextEncoder(folder, manifest, 2, 16)
    found = []
    for name, one in SETS.items():
        kept = cache / f"{pack.id}_questions_{name.replace(' ', '_')}.npz"
        if not kept.exists():
            values = _scored(folder, pack, text, data, cache, one)
            part = kept.with_suffix(".part.npz")
            np.savez(part, **values)
            os.replace(part, kept)  # noqa: PTH105 - a stopped run leaves no half file
            say(f"{name}: {len(values['figures'])} questions scored")
        with np.load(kept) as arrays:
            found.append(Questions(name, **arrays))
    return pack, found


def photos_of(
    pack: Pack, data: Path, cache: Path, among: tuple[str, str | None, str]
) -> tuple[list[tuple[str, ...]], Floats, Sequence[bytes]]:
    """Captions, vectors and tokens of the photos of a set."""
    collection, name, split = among
    lines = (data / collection / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == split]
    rows = [row for row in rows if name is None or row["set"] == name]
    paths = [data / collection / "images" / row["image"] for row in rows]
    kept = cache / f"{pack.id}_{collection}_{name}_{split}.npz"
    vectors, tokens = encode_files(paths, pack, kept)
    return [tuple(row["captions"]) for row in rows], vectors, tokens


def _scored(
    folder: Path, pack: Pack, text: OnnxTextEncoder, data: Path, cache: Path, one: Set
) -> dict[str, Floats]:
    assert pack.reranker is not None
    parts = [photos_of(pack, data, cache, among) for among in one.among]
    vectors = np.concatenate([part[1] for part in parts])
    tokens = [each for part in parts for each in part[2]]
    owners: dict[str, list[int]] = {}
    for at, captions in enumerate(parts[0][0]):
        for caption in captions:
            owners.setdefault(one.form.format(caption), []).append(at)
    classes, words = slice(*CLASSES), slice(*CAPTIONS)
    axes = read_relevance(folder, pack.manifest).reference[1:, words]
    rows = []
    for asked, right in list(owners.items())[:: one.every]:
        encoded = text.encode(asked)
        of_classes = vectors[:, classes] @ encoded.embedding[classes]
        of_captions = vectors @ encoded.embedding - of_classes
        scores = [of_captions + share * of_classes for share in _SHARES]
        near = np.argsort(-np.stack(scores), 1, kind="stable")[:, :_DEPTH]
        listed = np.unique(near)
        fine = pack.reranker.score(encoded, [tokens[at] for at in listed])
        length = np.linalg.norm(encoded.embedding[classes])
        spread = np.linalg.norm(axes @ encoded.embedding[words])
        figures = np.log([content_words(asked), length, spread])
        rows.append(
            (of_captions[listed], of_classes[listed], fine, np.isin(listed, right), figures)
        )
    longest = max(len(row[0]) for row in rows)

    def padded(at: int, empty: float) -> Floats:
        return np.stack(
            [np.pad(row[at], (0, longest - len(row[at])), constant_values=empty) for row in rows]
        ).astype(np.float64)

    return {
        "captions": padded(0, -9), "classes": padded(1, 0), "fine": padded(2, -99),
        "right": padded(3, 0).astype(bool), "figures": np.stack([row[4] for row in rows]),
    }  # fmt: skip
