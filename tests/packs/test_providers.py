"""Another provider is taken only where it is right and faster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PackError
from crispd.packs.pack import load_pack
from crispd.packs.sessions.providers import Trial, choose_provider, timed
from crispd.packs.sessions.runtime import CPU

VECTORS = np.eye(4, 8, dtype=np.float32)
CUDA, OPENVINO = "CUDAExecutionProvider", "OpenVINOExecutionProvider"
BOTH = [CUDA, OPENVINO, "AzureExecutionProvider", CPU]


def runs(**seconds: float) -> Callable[[str], Trial]:
    """By name without its end: how long it takes; below 0 for wrong vectors, 0 for none at all."""

    def run(name: str) -> Trial:
        took = seconds[name.removesuffix("ExecutionProvider").lower()]
        if not took:
            raise PackError("it cannot be started here.")
        wrong = np.roll(VECTORS, 1, 1) * 0.01 if took < 0 else 0
        return VECTORS + np.asarray(wrong, np.float32) - (VECTORS * 2 if took < -5 else 0), abs(
            took
        )

    return run


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        ({"cpu": 1, "cuda": 0.1, "openvino": 0.5}, CUDA),
        ({"cpu": 1, "cuda": 0.5, "openvino": 0.1}, OPENVINO),
        ({"cpu": 1, "cuda": 0.9, "openvino": 1.5}, CPU),  # hardly faster, and slower
        ({"cpu": 1, "cuda": 0, "openvino": 0}, CPU),
        ({"cpu": 10, "cuda": -9, "openvino": 0}, CPU),  # much faster and upside down
        ({"cpu": 10, "cuda": 0, "openvino": 2}, OPENVINO),
    ],
)
def test_auto(seconds: dict[str, float], found: str) -> None:
    assert choose_provider("auto", runs(**seconds), BOTH) == found


def test_nothing_is_measured_where_there_is_no_choice() -> None:
    def run(name: str) -> Trial:
        raise AssertionError(name)

    assert choose_provider("auto", run, [CPU, "AzureExecutionProvider"]) == CPU
    assert choose_provider("CPU", run, BOTH) == CPU


def test_a_named_one_may_be_slow_and_must_be_right() -> None:
    assert choose_provider("cuda", runs(cpu=1, cuda=5), BOTH) == CUDA
    with pytest.raises(PackError, match=r"'cuda', and its vectors are not those .* -1\.000"):
        choose_provider("cuda", runs(cpu=10, cuda=-9), BOTH)
    with pytest.raises(PackError, match=r"has auto, cpu, cuda, openvino\."):
        choose_provider("azure", runs(cpu=1), BOTH)


def test_vectors_that_are_no_numbers() -> None:
    def run(name: str) -> Trial:
        return (VECTORS if name == CPU else VECTORS * np.nan), 1.0 if name == CPU else 0.1

    assert choose_provider("auto", run, BOTH) == CPU


def test_the_least_of_three_after_a_first() -> None:
    calls: list[int] = []

    def encode() -> np.ndarray:
        calls.append(1)
        return VECTORS

    vectors, seconds = timed(encode)
    assert vectors is VECTORS
    assert (len(calls), seconds < 1) == (4, True)


def test_a_pack_says_what_is_not_there(small_folder: Path) -> None:
    with pytest.raises(PackError, match=r"provider is 'tpu'; the onnxruntime that is installed"):
        load_pack(small_folder, index_threads=1, search_threads=1, provider="tpu")
    load_pack(small_folder, index_threads=1, search_threads=1, provider="auto")
