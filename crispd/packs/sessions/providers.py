"""What computes vectors of photos: the processor, unless another is right and faster."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackError
from crispd.packs.sessions.onnx_runtime import ort
from crispd.packs.sessions.runtime import CPU

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.types import Floats

log = logging.getLogger(__name__)

AUTO = "auto"
_SUFFIX = "ExecutionProvider"
# Azure's sends pictures to a server of Microsoft's.
_NEVER = {CPU, "AzureExecutionProvider"}
# Of cosines with the processor's vectors: half precision on a graphics processor is at 0.9999.
_RIGHT = 0.999
_FASTER = 1.2
_RUNS = 3

Trial = tuple["Floats", float]


def choose_provider(
    wanted: str, run: Callable[[str], Trial], available: Sequence[str] | None = None
) -> str:
    """What onnxruntime calls the provider to use. ``wanted``: ``auto``, ``cpu`` or another by its
    name, such as ``cuda``. ``run``: vectors [n, dim] of sample pictures by a provider, and
    seconds; raises PackError.

    ``auto`` takes another than the processor only if it gives the same vectors in less time.
    Raises PackError where a named one is not there, does not work, or gives other vectors.
    """
    names = ort.get_available_providers() if available is None else available
    others = [name for name in names if name not in _NEVER]
    wanted = wanted.lower()
    if wanted not in (AUTO, "cpu"):
        return _named(wanted, others, run)
    if wanted == "cpu" or not others:
        return CPU
    reference, best = run(CPU)
    found, limit = CPU, best / _FASTER
    for name in others:
        try:
            vectors, seconds = run(name)
        except PackError as error:
            log.info("%s is not used: %s", name, error)
            continue
        agree = _agreement(vectors, reference)
        log.info("%s: %.2f of the processor's time, cosine %.4f", name, seconds / best, agree)
        if agree >= _RIGHT and seconds < limit:
            found, limit = name, seconds
    return found


def timed(encode: Callable[[], Floats]) -> Trial:
    """The least time of three, after one that warms it."""
    vectors, best = encode(), float("inf")
    for _ in range(_RUNS):
        started = time.perf_counter()
        vectors = encode()
        best = min(best, time.perf_counter() - started)
    return vectors, best


def _named(wanted: str, others: Sequence[str], run: Callable[[str], Trial]) -> str:
    by_name = {name.removesuffix(_SUFFIX).lower(): name for name in others}
    name = by_name.get(wanted)
    if name is None:
        raise PackError(
            f"provider is {wanted!r}; the onnxruntime that is installed has "
            f"{', '.join(['auto', 'cpu', *sorted(by_name)])}."
        )
    agree = _agreement(run(name)[0], run(CPU)[0])
    if agree < _RIGHT:
        raise PackError(
            f"provider is {wanted!r}, and its vectors are not those of the processor (cosine "
            f"{agree:.3f}). Set provider to auto or cpu."
        )
    return name


def _agreement(vectors: Floats, reference: Floats) -> float:
    """The least cosine; 0 for what is no vectors of the same kind."""
    if vectors.shape != reference.shape or not np.isfinite(vectors).all():
        return 0.0
    return float(np.sum(vectors * reference, axis=1).min())
