"""Asks another process what a folder's graphs are, see ``crispd.packs.foreign.probe``."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from crispd.errors import PackError, PackMismatch
from crispd.packs.manifest import MOST_DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

T = TypeVar("T")

_PACKAGE = Path(__file__).parents[3]
# Python and its libraries map two gigabytes, and a session holds its weights up to four times.
_BASE_BYTES, _TIMES = 3 * 2**30, 4
_BASE_SECONDS, _BYTES_A_SECOND = 120, 5 * 2**20

# One for each kind of thing that people photograph or do not, in the words of a search: what photos
# score with these is the background against which a pack without constants judges an answer.
NEUTRAL_QUESTIONS = (
    "a photo", "people", "a man", "a woman", "a child playing", "a baby", "a group of friends",
    "a portrait", "a wedding", "a birthday cake", "a Christmas tree", "a concert",
    "a football game",
    "a dog", "a cat", "a horse", "birds", "a fish", "an insect on a flower", "cows in a field",
    "a beach", "the sea", "a lake", "mountains", "snow", "a forest", "a garden", "flowers",
    "a sunset", "the night sky", "a city at night", "a street", "a bridge", "a church", "a castle",
    "a house", "a kitchen", "a bedroom", "a living room", "a bathroom", "an office", "a shop",
    "a restaurant", "food on a plate", "fruit", "a cup of coffee", "bottles of wine", "a bicycle",
    "a car", "a train", "an airplane", "a boat", "a bus", "a motorcycle", "a computer screen",
    "a document", "a map", "a sign with text", "a book", "a toy", "a musical instrument",
    "clothes", "a tool", "a statue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found. ``neutral`` float16 [n, dim]: vectors of ``NEUTRAL_QUESTIONS``.

    ``int8_agrees``: None where there is no int8. ``image_ms``, ``text_ms``: of one, on one thread.
    """

    dim: int
    max_batch: int
    length: int
    int8_agrees: bool | None
    image_ms: float
    text_ms: float
    memory_mb: float | None
    neutral: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class ExaminedCross:
    """Of a cross-encoder: how many photos at once, and ``[tokens]``, None without features."""

    at_once: int
    tokens: dict[str, Any] | None


def examine(folder: Path, table: dict[str, Any], size: int) -> Examined:
    """Run the graphs of ``folder`` once; ``size``: bytes of its files. Raises PackError, also
    where the other process crashed, took too much memory, or did not end.
    """
    return _answer(folder, table, size, checked)


def examine_cross(folder: Path, table: dict[str, Any], size: int) -> ExaminedCross:
    """The same of a cross-encoder."""
    return _answer(folder, table, size, _checked_cross)


def _answer(
    folder: Path, table: dict[str, Any], size: int, check: Callable[[dict[str, Any]], T]
) -> T:
    seconds = _BASE_SECONDS + size // _BYTES_A_SECOND
    asked = {"table": table, "memory_bytes": _BASE_BYTES + _TIMES * size, "seconds": seconds}
    known = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(filter(None, (str(_PACKAGE), known)))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "crispd.packs.foreign.probe", str(folder)],
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            input=json.dumps(asked).encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PackMismatch(
            f"The graphs in {folder} did not come to an end within {seconds} s. They are not used."
        ) from error
    except OSError as error:
        raise PackError(f"No process could be started to try {folder}: {error}.") from error
    try:
        answer = json.loads(done.stdout)
        if "error" in answer:
            raise PackMismatch(f"{folder} cannot be used: {answer['error']}")
        return check(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise PackMismatch(
            f"The graphs in {folder} crash onnxruntime, or take more memory than they should "
            f"(exit code {done.returncode}). They are not used."
        ) from error


def _checked_cross(answer: dict[str, Any]) -> ExaminedCross:
    tokens = answer["tokens"]
    if tokens is not None:
        tokens = {
            "regions": int(tokens["regions"]), "dim": int(tokens["dim"]),
            "storage": str(tokens["storage"]),
        }  # fmt: skip
    return ExaminedCross(int(answer["at_once"]), tokens)


def checked(answer: dict[str, Any]) -> Examined:
    """Raises ValueError, KeyError or TypeError for what no honest process says."""
    neutral = np.array(answer["neutral"], np.float16)
    dim, batch, length = (int(answer[key]) for key in ("dim", "max_batch", "length"))
    if neutral.shape != (len(NEUTRAL_QUESTIONS), dim) or not np.isfinite(neutral).all():
        raise ValueError("vectors of neutral questions")
    if not (1 <= dim <= MOST_DIMENSIONS and batch >= 1 and length >= 0):
        raise ValueError("numbers out of their range")
    image_ms, text_ms = (float(answer[key]) for key in ("image_ms", "text_ms"))
    if not (math.isfinite(image_ms) and math.isfinite(text_ms)):
        raise ValueError("times")
    memory = answer["memory_mb"]
    agrees = answer["int8_agrees"]
    return Examined(
        dim, batch, length, None if agrees is None else bool(agrees), image_ms, text_ms,
        None if memory is None else float(memory), neutral,
    )  # fmt: skip
