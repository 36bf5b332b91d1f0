"""Directories (IFDs) of TIFF files, which most RAW files are (TIFF 6.0, section 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SUB_IFDS = 0x014A
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_LETTERS = {3: "H", 4: "I", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
_FRACTIONS = {5: "I", 10: "i"}
MOST_ENTRIES = 1000
_MOST_DIRECTORIES = 64
_MOST_SUBS = 16
_LONGEST_VALUE = 2**16


@dataclass(frozen=True, slots=True)
class Block:
    """A TIFF in ``data``: offsets count from ``base``; ``order`` is "<" or ">"."""

    data: bytes
    base: int
    order: str

    def read(self, letters: str, at: int) -> tuple[int, ...] | None:
        """Unpacked from ``at`` in the file; None beyond its ends."""
        form = self.order + letters
        if at < 0 or at + struct.calcsize(form) > len(self.data):
            return None
        return struct.unpack_from(form, self.data, at)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the values of a tag lie in the file: ``count`` of type ``kind``."""

    kind: int
    count: int
    at: int

    @property
    def length(self) -> int:
        """Bytes."""
        return self.count * _SIZES[self.kind]


@dataclass(frozen=True, slots=True)
class Directory:
    """One IFD; ``following`` is the offset of the next, 0 where there is none."""

    block: Block
    entries: dict[int, Entry] = field(default_factory=dict)
    following: int = 0

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Whole numbers of a tag; none where it is missing or of another kind."""
        value = self.value(tag)
        values = value if isinstance(value, tuple) else (value,)
        return tuple(number for number in values if isinstance(number, int))

    def number(self, tag: int) -> int:
        """The first whole number of a tag, 0 where there is none."""
        return next(iter(self.numbers(tag)), 0)

    def value(self, tag: int) -> object:
        """As EXIF readers give it: text, bytes, a number or a tuple of numbers; else None."""
        entry = self.entries.get(tag)
        if entry is None or entry.length > _LONGEST_VALUE:
            return None
        raw = self.block.data[entry.at : entry.at + entry.length]
        if entry.kind == 2:
            return _text(raw.split(b"\0")[0])
        if entry.kind in _FRACTIONS:
            values: tuple[float, ...] = tuple(_fractions(self.block.order, entry, raw))
        elif entry.kind in _LETTERS:
            values = struct.unpack(f"{self.block.order}{entry.count}{_LETTERS[entry.kind]}", raw)
        else:
            return raw
        return values[0] if len(values) == 1 else values

    def raw(self, tag: int, most: int) -> bytes:
        """The bytes of a tag of any kind, at most so many; none where it is missing."""
        entry = self.entries.get(tag)
        if entry is None:
            return b""
        return self.block.data[entry.at : entry.at + min(entry.length, most)]

    def values(self) -> dict[int, object]:
        """Every tag that can be read."""
        return {tag: self.value(tag) for tag in self.entries}


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _fractions(order: str, entry: Entry, raw: bytes) -> Iterator[float]:
    for above, below in struct.iter_unpack(f"{order}2{_FRACTIONS[entry.kind]}", raw):
        yield above / below if below else float("nan")


def block_at(data: bytes, base: int) -> Block | None:
    """The TIFF that begins at ``base``, whatever its magic number: makers have their own."""
    order = {b"II": "<", b"MM": ">"}.get(data[base : base + 2])
    return None if order is None else Block(data, base, order)


def first_offset(block: Block) -> int:
    """Of the first directory of a block with a header."""
    found = block.read("I", block.base + 4)
    return found[0] if found else 0


def read_directory(block: Block, offset: int) -> Directory:
    """The directory at an offset; empty where there is none."""
    at = block.base + offset
    found = block.read("H", at)
    if offset <= 0 or found is None or not 0 < found[0] <= MOST_ENTRIES:
        return Directory(block)
    entries: dict[int, Entry] = {}
    for place in range(at + 2, at + 2 + 12 * found[0], 12):
        entry = _entry(block, place)
        if entry is not None:
            entries.setdefault(*entry)
    following = block.read("I", at + 2 + 12 * found[0])
    return Directory(block, entries, following[0] if following else 0)


def _entry(block: Block, place: int) -> tuple[int, Entry] | None:
    found = block.read("HHII", place)
    if found is None or found[1] not in _SIZES:
        return None
    tag, kind, count, offset = found
    length = count * _SIZES[kind]
    at = place + 8 if length <= 4 else block.base + offset
    if not count or at + length > len(block.data):
        return None
    return tag, Entry(kind, count, at)


def directories(block: Block) -> Iterator[Directory]:
    """The chain of directories and those below them, each once however they point at each other."""
    waiting, seen = [first_offset(block)], {0}
    while waiting and len(seen) <= _MOST_DIRECTORIES:
        offset = waiting.pop(0)
        if offset in seen:
            continue
        seen.add(offset)
        directory = read_directory(block, offset)
        yield directory
        waiting += [*directory.numbers(SUB_IFDS)[:_MOST_SUBS], directory.following]
