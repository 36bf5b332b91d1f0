"""Translation of decoders' errors into crispd's, in one place."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from crispd.errors import PhotoError, PhotoUnreadable, PhotoUnsupported
from crispd.images.signatures import is_whole, why_not_opened

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


# What they say of whole files that are beyond them.
_BEYOND = (
    "unsupported",
    "not supported",
    "not available",
    "not implemented",
    "cannot handle",
    "unknown compression",
    "unknown pixel mode",
    "compression scheme",
)


@contextmanager
def translated_errors(data: bytes = b"") -> Iterator[None]:
    """What is raised inside comes out as a PhotoError with a sentence for people.

    ``data``: the file that is decoded, for what can be said of it.
    """
    try:
        yield
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise why_not_opened(data) from error
    except MemoryError as error:
        raise PhotoUnreadable(
            "There was not enough memory to decode this picture.", "memory"
        ) from error
    except _DECODER_ERRORS as error:
        raise _damage(error, data) from error


def _damage(error: BaseException, data: bytes) -> PhotoError:
    text = str(error).lower()
    if any(sign in text for sign in _BEYOND):
        return PhotoUnsupported(
            "This picture is of a kind that cannot be decoded here. "
            "Save it anew with another program."
        )
    if not is_whole(data) and any(sign in text for sign in _CUT_SHORT):
        return PhotoUnreadable(
            "The file is cut short: the picture ends before its last line. "
            "Copy it again from its source.",
            "truncated",
        )
    return PhotoUnreadable(
        "The file is damaged and the picture cannot be decoded. Copy it again from its source.",
        "damaged",
    )
