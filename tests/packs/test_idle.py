"""A model that nobody uses takes no memory, and is back when it is needed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from crispd.errors import NotReady, PackError
from crispd.packs.image_encoder import OnnxImageEncoder
from crispd.packs.manifest import read_manifest
from crispd.packs.sessions.idle import IdleRelease
from tests.packs.small import SIZE

SECONDS = 0.05


def until(true: object, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.01)
    return bool(true())  # type: ignore[operator]


def _timers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "crispd-idle-model"}


def test_it_goes_after_a_while_and_comes_back() -> None:
    made: list[int] = []
    held = IdleRelease(lambda: made.append(1) or object(), SECONDS)
    assert not held.is_held
    with held.using() as first, held.using() as second:
        assert first is second
        time.sleep(2 * SECONDS)
        assert held.is_held
    assert until(lambda: not held.is_held)
    with held.using():
        assert len(made) == 2


def test_a_use_may_keep_it_for_less_and_the_next_keeps_it_as_ever() -> None:
    held = IdleRelease(object, 60)
    with held.using(SECONDS):
        pass
    assert until(lambda: not held.is_held)
    with held.using(SECONDS), held.using():
        pass
    with held.using():
        pass
    time.sleep(3 * SECONDS)
    assert held.is_held


def test_0_keeps_it() -> None:
    held = IdleRelease(object, 0)
    before = _timers()
    with held.using():
        pass
    assert held.is_held
    assert _timers() == before


def test_many_uses_have_one_timer() -> None:
    held, before = IdleRelease(object, 60), _timers()
    for _ in range(20):
        with held.using():
            pass
    (timer,) = _timers() - before
    del held  # what is dropped does not wait for its time
    timer.join(5)
    assert not timer.is_alive()


def test_what_cannot_be_made_is_tried_again() -> None:
    tries = iter([PackError("no"), None])

    def make() -> int:
        error = next(tries)
        if error is not None:
            raise error
        return 7

    held = IdleRelease(make, 60)
    with pytest.raises(PackError, match="no"), held.using():
        pass
    with held.using() as value:
        assert value == 7


def test_many_at_once_make_one() -> None:
    made: list[int] = []

    def make() -> object:
        time.sleep(SECONDS)
        made.append(1)
        return object()

    held = IdleRelease(make, 60)

    def use() -> None:
        with held.using():
            pass

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_an_encoder_gives_the_same_afterwards_and_never_of_another_file(folder: Path) -> None:
    encoder = OnnxImageEncoder(folder, read_manifest(folder), 1, idle_seconds=SECONDS)
    pixels = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3)).astype(np.uint8)
    before = encoder.encode(pixels)
    assert until(lambda: not encoder.is_loaded)
    after = encoder.encode(pixels)
    assert [one.embedding.tolist() for one in after] == [one.embedding.tolist() for one in before]
    assert until(lambda: not encoder.is_loaded)
    graph = folder / "image.onnx"
    graph.write_bytes(graph.read_bytes() + b"")
    with pytest.raises(NotReady, match=r"image\.onnx has changed since crispd started"):
        encoder.encode(pixels)
