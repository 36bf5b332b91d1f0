"""A trial decode in a process of its own, for photos suspected of crashing a decoder.

``python -m crispd.images.isolation.trial_decode`` is that process.

Decoders are written in C and run inside crispd's process, where a crash takes everything with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from crispd.errors import PhotoError, PhotoUnreadable
from crispd.images.decode import decode_photo
from crispd.images.read import read_file
from crispd.images.thumbnails import indexed_sizes
from crispd.types import DecodeLimits, ImageInput

_SECONDS = 120.0
_PACKAGE = Path(__file__).parents[3]


def trial_decode(path: str, limits: DecodeLimits) -> None:
    """Decode a file elsewhere. Raises PhotoUnreadable where that process died or never ended."""
    command = [sys.executable, "-m", "crispd.images.isolation.trial_decode", path]
    command += [str(limits.max_pixels), str(limits.max_bytes)]
    known = os.environ.get("PYTHONPATH", "")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_PACKAGE), known))),
    }
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PhotoUnreadable(
            "Decoding this file does not come to an end. It is left alone until it changes.",
            "crash",
        ) from error
    except OSError:  # no memory for another process: nothing is known of the file
        return
    if done.returncode < 0:
        raise PhotoUnreadable(
            f"This file makes the decoder crash (signal {-done.returncode}). "
            "It is left alone until it changes.",
            "crash",
        )


def main(path: str, max_pixels: str, max_bytes: str) -> None:
    """What the decode stage does to a file, and nothing of what comes of it."""
    limits = DecodeLimits(int(max_pixels), int(max_bytes))
    try:
        data, _ = read_file(path, limits)
        decode_photo(data, ImageInput(224), limits, thumbnails=indexed_sizes(320))
    except PhotoError:
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
