"""The one boundary where decoders' errors become ours."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from crispd.errors import PhotoError, PhotoUnreadable, PhotoUnsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

# Decoders on damaged input raise all of these.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
_CUT_SHORT = (
    "truncated",
    "premature",
    "unexpected end",
    "end of file",
    "not enough",
    "broken data",
)


@contextmanager
def translated() -> Iterator[None]:
    """What is raised inside comes out as a PhotoError with a sentence for people."""
    try:
        yield
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoUnsupported(
            "This is no picture, whatever its name says, or its beginning is damaged."
        ) from error
    except MemoryError as error:
        raise PhotoUnreadable(
            "There was not enough memory to decode this picture.", "memory"
        ) from error
    except _DECODER_ERRORS as error:
        raise _damage(error) from error


def _damage(error: BaseException) -> PhotoUnreadable:
    text = str(error).lower()
    if any(sign in text for sign in _CUT_SHORT):
        return PhotoUnreadable(
            "The file is cut short: the picture ends before its last line. "
            "Copy it again from its source.",
            "truncated",
        )
    return PhotoUnreadable(
        "The file is damaged and the picture cannot be decoded. Copy it again from its source.",
        "damaged",
    )
