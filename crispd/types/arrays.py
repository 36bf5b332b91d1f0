"""Array types and other short names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]
    Labels = npt.NDArray[np.int64]
    Doubles = npt.NDArray[np.float64]
else:  # commands that ask a running crispd do without numpy, a fifth of their time
    Floats = Pixels = Labels = Doubles = Any
Precision = Literal["auto", "float", "int8"]


def displayable(path: str) -> str:
    """``path`` as valid Unicode: bytes that are not UTF-8 are shown as U+FFFD."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "replace")


def displayable_text(text: str) -> str:
    """A client's text as valid Unicode."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
