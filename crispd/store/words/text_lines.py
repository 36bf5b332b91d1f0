"""Lines of text with their places, packed for a column."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import TextLine

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNT = struct.Struct("<I")
_CORNERS = 8
_SHARES = 65535  # of a side, in 16 bits


def packed_lines(lines: Sequence[TextLine]) -> bytes:
    """As a column holds them; nothing for none."""
    if not lines:
        return b""
    texts = "\n".join(line.text for line in lines).encode()
    corners = np.array([line.corners for line in lines]) * _SHARES
    sure = np.array([line.confidence for line in lines]) * 100
    # by column: what is alike lies together
    numbers = np.round(corners).astype("<u2").T.tobytes() + np.round(sure).astype("u1").tobytes()
    return zlib.compress(_COUNT.pack(len(lines)) + numbers + texts, 9)


def unpacked_lines(stored: bytes) -> tuple[TextLine, ...]:
    """Out of a column."""
    if not stored:
        return ()
    data = zlib.decompress(stored)
    [count] = _COUNT.unpack_from(data)
    at = _COUNT.size + 2 * _CORNERS * count
    corners = np.frombuffer(data, "<u2", _CORNERS * count, _COUNT.size).reshape(_CORNERS, count).T
    sure = np.frombuffer(data, "u1", count, at)
    texts = data[at + count :].decode().split("\n")
    shares = np.round(corners / _SHARES, 4).tolist()
    return tuple(
        TextLine(text, round(each / 100, 2), tuple(place))
        for text, each, place in zip(texts, sure.tolist(), shares, strict=True)
    )
