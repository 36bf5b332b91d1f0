"""``python -m tests.e2e.counted FILE …``: crispd, with a line in FILE for every picture it encodes.

The lines are there after kill -9 as well: what counts itself in memory would die uncounted.
"""

from __future__ import annotations

import hashlib
import os
import sys

from crispd.cli import main
from crispd.packs.image_encoder import OnnxImageEncoder
from crispd.types import EncodedPhoto, Pixels


def count_into(path: str) -> None:
    """From now on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    encode = OnnxImageEncoder.encode

    def counted(self: OnnxImageEncoder, pixels: Pixels) -> list[EncodedPhoto]:
        found = encode(self, pixels)
        lines = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pixels]
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        return found

    OnnxImageEncoder.encode = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    count_into(sys.argv.pop(1))
    main()
