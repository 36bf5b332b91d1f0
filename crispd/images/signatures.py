"""File signatures: what a file is by its first bytes, for messages to people."""

from __future__ import annotations

from crispd.errors import PhotoUnsupported

_READ = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF8", "GIF"), (b"BM", "BMP"),
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"),
)  # fmt: skip
_OTHERS = (
    (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL ", "JPEG XL"), (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"8BPS", "Photoshop"), (b"%PDF", "PDF"), (b"<svg", "SVG"), (b"gimp xcf", "GIMP"),
    (b"<?xml", "XML"), (b"\x1aE\xdf\xa3", "Matroska video"), (b"<!DOCTYPE html", "web page"),
    (b"<html", "web page"), (b"PK\x03\x04", "ZIP archive"),
)  # fmt: skip
_AVIF = {b"avif", b"avis"}
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_VIDEO = {b"qt  ", b"isom", b"iso2", b"mp41", b"mp42", b"M4V ", b"3gp4", b"3gp5", b"avc1"}


def why_not_opened(data: bytes) -> PhotoUnsupported:
    """Why no decoder takes a file."""
    name = _kind_of(data)
    if name is not None:
        return PhotoUnsupported(
            f"This {name} is of a kind that cannot be decoded here, or its beginning is damaged. "
            "Save it anew with another program."
        )
    other = _other(data)
    if other is not None:
        return PhotoUnsupported(f"This is no photo but a file of the format {other}.")
    return PhotoUnsupported(
        "This is no picture, whatever its name says, or its beginning is damaged."
    )


def with_known_brand(data: bytes) -> bytes:
    """An AVIF that calls itself something more general first: Pillow looks at the first only."""
    brands = _brands(data)
    if brands and brands[0] not in _AVIF | _HEIF and _AVIF.intersection(brands):
        return data[:8] + b"avif" + data[12:]
    return data


def _brands(data: bytes) -> list[bytes]:
    if data[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(data[:4], "big"), 256)
    return [data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))]


def _kind_of(data: bytes) -> str | None:
    brands = set(_brands(data))
    if brands & _AVIF:
        return "AVIF"
    if brands & _HEIF:
        return "HEIC"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    return next((name for mark, name in _READ if data.startswith(mark)), None)


def _other(data: bytes) -> str | None:
    if _VIDEO.intersection(_brands(data)[:1]):
        return "video"
    return next((name for mark, name in _OTHERS if data.startswith(mark)), None)


def is_whole(data: bytes) -> bool:
    """Whether a file has the end that its format asks for: nothing of it was cut off."""
    tail = data[-4096:].rstrip(b"\0")
    if data.startswith(b"\xff\xd8\xff"):
        return tail.endswith(b"\xff\xd9") or b"\xff\xd9" in tail
    if data.startswith(b"\x89PNG"):
        return b"IEND" in tail
    if data.startswith(b"RIFF"):
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    return False
