"""Formats: file names, type names, and their decoders."""

from __future__ import annotations

import functools
import warnings

import pillow_heif

RAW_EXTENSIONS = frozenset({".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".raf", ".rw2"})
# What cameras write beside a RAW, and programs that develop one.
DEVELOPED_EXTENSIONS = frozenset({".jpg", ".jpeg", ".jpe", ".heic", ".heif", ".hif"})
EXTENSIONS = RAW_EXTENSIONS | {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".mpo",
}  # fmt: skip

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
    return _has_extension(name, EXTENSIONS)


def is_raw(path: str) -> bool:
    """Whether a path is that of a camera RAW, by its name."""
    return _has_extension(path, RAW_EXTENSIONS)


def is_developed(path: str) -> bool:
    """Whether a path is that of a picture as it stands beside RAWs, by its name."""
    return _has_extension(path, DEVELOPED_EXTENSIONS)


def _has_extension(path: str, extensions: frozenset[str]) -> bool:
    name = path.rpartition("/")[2]
    if name.startswith((".", "~")):
        return False
    stem, dot, extension = name.rpartition(".")
    return bool(stem) and f"{dot}{extension.lower()}" in extensions


_MEDIA_TYPES = {
    "cr2": "image/x-canon-cr2",
    "cr3": "image/x-canon-cr3",
    "nef": "image/x-nikon-nef",
    "arw": "image/x-sony-arw",
    "dng": "image/x-adobe-dng",
    "orf": "image/x-olympus-orf",
    "raf": "image/x-fuji-raf",
    "rw2": "image/x-panasonic-rw2",
    "raw": "application/octet-stream",
}


def media_type(type_: str) -> str:
    """The MIME type of one of our type names."""
    return _MEDIA_TYPES.get(type_, f"image/{type_}")


@functools.cache
def register_decoders() -> None:
    """Teach Pillow HEIC. Once a process, and only when the first photo is opened."""
    # It warns of odd EXIF, for each tag of each photo: thousands of lines about a single file.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    pillow_heif.register_heif_opener(thumbnails=False)
