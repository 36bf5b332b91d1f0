"""Formats: names of files, names of types, and the decoders behind them."""

from __future__ import annotations

import functools

import pillow_heif

EXTENSIONS = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib",
        ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".mpo",
    }
)  # fmt: skip

# Pillow's format names -> ours. MPO is a JPEG with further pictures behind the first.
TYPES = {
    "JPEG": "jpeg",
    "MPO": "jpeg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "BMP": "bmp",
    "DIB": "bmp",
    "TIFF": "tiff",
    "HEIF": "heic",
    "AVIF": "avif",
}


def is_candidate(name: str) -> bool:
    """Whether a file of this name deserves a look: by its extension, and not hidden.

    Temporary names of browsers and copy programs end in other extensions, or begin with a dot.
    """
    if name.startswith((".", "~")):
        return False
    stem, dot, extension = name.rpartition(".")
    return bool(stem) and f"{dot}{extension.lower()}" in EXTENSIONS


def media_type(type_: str) -> str:
    """The MIME type of one of our type names."""
    return f"image/{type_}"


@functools.cache
def register_decoders() -> None:
    """Teach Pillow HEIC. Once a process, and only when the first photo is opened."""
    pillow_heif.register_heif_opener(thumbnails=False)
