"""Previews in makers' notes.

Layouts as ExifTool documents them (https://exiftool.org/TagNames/): Nikon PreviewIFD, Olympus
CameraSettings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.images.raw.ifd import Block, Directory, block_at, first_offset, read_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.images.raw.ifd import Entry

JPEG_START, JPEG_LENGTH = 0x0201, 0x0202
_MAKER_NOTE = 0x927C
_NIKON_PREVIEW = 0x0011
_OLYMPUS_SETTINGS, _OLYMPUS_START, _OLYMPUS_LENGTH = 0x2020, 0x0101, 0x0102
# Mark of a note, where its byte order is written, where its directory begins.
_OLYMPUS = ((b"OLYMPUS\0", 8, 12), (b"OM SYSTEM\0", 12, 16))


def previews_in_notes(details: Directory) -> Iterator[tuple[int, int]]:
    """(start, length) in the file of what notes say are previews. ``details``: the EXIF IFD."""
    note = details.entries.get(_MAKER_NOTE)
    if note is None:
        return
    data = details.block.data
    if data.startswith(b"Nikon\0", note.at):
        yield from _nikon(data, note)
        return
    for mark, order_at, directory_at in _OLYMPUS:
        if data.startswith(mark, note.at):
            yield from _olympus(data, note, order_at, directory_at)
            return
    if data.startswith(b"OLYMP\0", note.at):  # the old ones count from the beginning of the file
        notes = read_directory(details.block, note.at + 8 - details.block.base)
        yield from _settings(notes)


def _nikon(data: bytes, note: Entry) -> Iterator[tuple[int, int]]:
    block = block_at(data, note.at + 10)
    if block is None:
        return
    notes = read_directory(block, first_offset(block))
    preview = read_directory(block, notes.number(_NIKON_PREVIEW))
    yield block.base + preview.number(JPEG_START), preview.number(JPEG_LENGTH)


def _olympus(
    data: bytes, note: Entry, order_at: int, directory_at: int
) -> Iterator[tuple[int, int]]:
    order = {b"II": "<", b"MM": ">"}.get(data[note.at + order_at : note.at + order_at + 2])
    if order is not None:
        yield from _settings(read_directory(Block(data, note.at, order), directory_at))


def _settings(notes: Directory) -> Iterator[tuple[int, int]]:
    base = notes.block.base
    settings = notes.entries.get(_OLYMPUS_SETTINGS)
    if settings is None:
        return
    # Some write the directory in place of the value, some its offset.
    place = notes.number(_OLYMPUS_SETTINGS) if settings.kind in {4, 13} else settings.at - base
    directory = read_directory(notes.block, place)
    start, length = directory.number(_OLYMPUS_START), directory.number(_OLYMPUS_LENGTH)
    yield base + start, length
    yield start, length
