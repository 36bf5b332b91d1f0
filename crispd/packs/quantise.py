"""Region tokens as they are stored: small, and quick to read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.packs.manifest import TokensPart
    from crispd.types import Floats


def pack_tokens(tokens: Floats, part: TokensPart) -> bytes:
    """float32 [regions, dim] -> bytes.

    int8: values, then one float16 scale a region, x = q * s with s = max|x| / 127. Symmetric, and
    by region since a few regions of a photo are much louder than the rest.
    """
    if part.storage == "float16":
        return bytes(tokens.astype("<f2").tobytes())
    scales = (np.abs(tokens).max(axis=1, keepdims=True) / 127).astype("<f2")
    divisor = np.maximum(scales.astype(np.float32), np.finfo(np.float16).tiny)
    values = np.clip(np.rint(tokens / divisor), -127, 127).astype(np.int8)
    return bytes(values.tobytes() + scales.tobytes())


def stored_bytes(part: TokensPart) -> int:
    """Bytes a photo."""
    per_region = part.dim + 2 if part.storage == "int8" else 2 * part.dim
    return part.regions * per_region


def unpack_tokens(stored: Sequence[bytes], part: TokensPart) -> Floats:
    """K photos' bytes -> float32 [K, regions, dim]."""
    joined = b"".join(stored)
    if len(joined) != len(stored) * stored_bytes(part):
        raise PackError("Stored tokens do not have the length that the pack says.")
    shape = (len(stored), part.regions, part.dim)
    if part.storage == "float16":
        return np.frombuffer(joined, "<f2").reshape(shape).astype(np.float32)
    rows = np.frombuffer(joined, np.uint8).reshape(len(stored), -1)
    split = part.regions * part.dim
    values = rows[:, :split].view(np.int8).reshape(shape)
    scales = np.ascontiguousarray(rows[:, split:]).view("<f2").astype(np.float32)
    return values * scales[:, :, None]
