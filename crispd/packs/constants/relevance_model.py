"""The relevance model, ``[relevance]`` and ``[question]`` of a pack, with its background file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackCorrupt
from crispd.packs.text.query_weights import QueryWeights
from crispd.types import LogitWeights, RelevanceModel

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.constants.parts import NeutralPart
    from crispd.packs.manifest import Manifest
    from crispd.types import Floats


def read_relevance(folder: Path, manifest: Manifest) -> RelevanceModel:
    """What the manifest and its background file say. Raises PackCorrupt."""
    part = manifest.relevance
    if part is None:
        raise PackCorrupt(f"{folder / 'pack.toml'}: [relevance] is missing.")
    reference = _reference(folder / part.background, manifest.dim)
    return RelevanceModel(
        LogitWeights(*part.fine), LogitWeights(*part.coarse), part.likely, part.maybe,
        part.photos, reference,
        part.library, part.small, part.maybe_words,
    )  # fmt: skip


def read_question(folder: Path, manifest: Manifest) -> QueryWeights | None:
    """``[question]`` with the background's directions; None where there is none. PackCorrupt."""
    if manifest.question is None or manifest.relevance is None:
        return None
    axes = _reference(folder / manifest.relevance.background, manifest.dim)[1:]
    return QueryWeights(manifest.question, axes)


def read_neutral(folder: Path, part: NeutralPart, dim: int) -> Floats:
    """float32 [n, dim] of ``[neutral]``. Raises PackCorrupt."""
    return _reference(folder / part.file, dim)


def _reference(path: Path, dim: int) -> Floats:
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}.") from error
    if not isinstance(found, np.ndarray) or found.ndim != 2 or found.shape[1] != dim:
        raise PackCorrupt(f"{path} does not hold rows of {dim} numbers.")
    if found.dtype.kind != "f" or len(found) < 2 or not np.isfinite(found).all():
        raise PackCorrupt(f"{path} does not hold two rows or more of finite numbers.")
    return np.ascontiguousarray(found, np.float32)
