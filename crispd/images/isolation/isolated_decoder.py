"""A decoder in a process of its own, for uploaded pictures.

``python -m crispd.images.isolation.isolated_decoder`` is that process.

Decoders are written in C, and an upload can hold what no photo folder holds. In a process of its
own, the worst result is a failed request.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from crispd.errors import (
    Overloaded,
    PhotoError,
    PhotoTooLarge,
    PhotoUnreadable,
    PhotoUnsupported,
    PhotoVanished,
)
from crispd.images.decode import decode_photo
from crispd.platform.memory import prefer_to_be_killed
from crispd.types import DecodeLimits, ImageInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.types import Pixels

_SECONDS = 60.0
_PACKAGE = Path(__file__).parents[3]
_KINDS = (PhotoTooLarge, PhotoUnsupported, PhotoVanished, PhotoUnreadable)
_CRASH = "This picture makes the decoder crash. It is not searched by; save it anew and send that."
_ENDLESS = "Decoding this picture does not come to an end. It is not searched by."
_NO_PROCESS = "There is no memory for one more picture. Try again in a moment."


def decode_isolated(
    data: bytes, wanted: ImageInput, limits: DecodeLimits, *, thumbnails: tuple[int, ...]
) -> Pixels:
    """Pixels uint8 [size, size, 3] of a file, as ``decode_photo`` gives them.

    ``limits.take`` is called here, and the other process waits for it. Raises PhotoError, also
    where that process died or never ended, and Overloaded where none could be made.
    """
    asked = {
        "bytes": len(data), "wanted": asdict(wanted), "thumbnails": list(thumbnails),
        "max_pixels": limits.max_pixels, "max_bytes": limits.max_bytes,
        "max_memory": limits.max_memory,
    }  # fmt: skip
    with _process() as (process, ended):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _say(process.stdin, asked)
            process.stdin.write(data)
            process.stdin.flush()
            while "take" in (answer := _hear(process.stdout)):
                if limits.take is not None:
                    limits.take(int(answer["take"]))
                _say(process.stdin, {})
            return _result(answer, process.stdout)
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = _ENDLESS if ended.is_set() else _CRASH
            raise PhotoUnreadable(message, "crash") from error


@contextlib.contextmanager
def _process() -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
    """The other one, gone at the end; the event tells that its time was over."""
    known = os.environ.get("PYTHONPATH", "")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_PACKAGE), known))),
        "OPENBLAS_NUM_THREADS": "1",
    }
    ended = threading.Event()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "crispd.images.isolation.isolated_decoder"], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        raise Overloaded(_NO_PROCESS) from error

    def end() -> None:
        ended.set()
        process.kill()

    timer = threading.Timer(_SECONDS, end)
    timer.name = "crispd-picture-timer"
    timer.start()
    try:
        yield process, ended
    finally:
        timer.cancel()
        timer.join()
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        process.wait()


def _result(answer: dict[str, Any], stream: IO[bytes]) -> Pixels:
    if "error" in answer:
        kinds = {kind.__name__: kind for kind in _KINDS}
        kind = kinds.get(str(answer["error"]), PhotoUnreadable)
        raise kind(str(answer["message"]))
    size = int(answer["size"])
    data = stream.read(size * size * 3)
    return np.frombuffer(data, np.uint8).reshape(size, size, 3).copy()


def _say(stream: IO[bytes], value: dict[str, Any]) -> None:
    stream.write(json.dumps(value).encode() + b"\n")
    stream.flush()


def _hear(stream: IO[bytes]) -> dict[str, Any]:
    """One line. Raises ValueError, also at the end: nobody speaks any more."""
    value = json.loads(stream.readline())
    if not isinstance(value, dict):
        raise ValueError("not what is expected")
    return value


def main() -> None:
    """One picture from standard input, and what comes of it to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the other one ends us
    prefer_to_be_killed()
    # what a decoder prints goes elsewhere
    hear, say = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = _hear(hear)
    data = hear.read(asked["bytes"])

    def take(count: int) -> None:
        _say(say, {"take": count})
        _hear(hear)

    limits = DecodeLimits(asked["max_pixels"], asked["max_bytes"], take, asked["max_memory"])
    try:
        found = decode_photo(
            data, ImageInput(**asked["wanted"]), limits, thumbnails=tuple(asked["thumbnails"])
        )
    except PhotoError as error:
        _say(say, {"error": type(error).__name__, "message": str(error)})
        return
    _say(say, {"size": found.pixels.shape[0]})
    say.write(np.ascontiguousarray(found.pixels).tobytes())
    say.flush()


if __name__ == "__main__":
    main()
