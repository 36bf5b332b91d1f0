"""A reader of SQLite's file format, for rows of a damaged file.

After https://www.sqlite.org/fileformat2.html. What does not add up is left out, never guessed.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_LEAF = 0x0D  # a page of a table with rows in it
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_WRONG = (IndexError, ValueError, struct.error)

Value = int | float | str | bytes | None


class TableRow(NamedTuple):
    """A row as it is stored: an INTEGER PRIMARY KEY is None among the values."""

    rowid: int
    values: tuple[Value, ...]


def rows_of(database: Path, log: Path, page_size: int) -> Iterator[TableRow]:
    """Every row of any table that can be told, also of pages nothing leads to any more.

    ``log``: the write-ahead log, whose committed pages go before those of the file. Raises OSError.
    """
    newer = _logged(log, page_size)
    with database.open("rb") as file:
        count = max(database.stat().st_size // page_size, *newer, 0)

        def page(number: int) -> bytes:
            if number in newer:
                return newer[number]
            file.seek((number - 1) * page_size)
            return file.read(page_size)

        reader = _Pages(page_size, page, count)
        for number in range(1, count + 1):
            yield from reader.rows(number)


class _Pages:
    """Pages by number, from 1."""

    def __init__(self, size: int, page: Callable[[int], bytes], count: int) -> None:
        self._size = size
        self._page = page
        self._count = count

    def rows(self, number: int) -> Iterator[TableRow]:
        page = self._page(number)
        start = 100 if number == 1 else 0
        if len(page) < self._size or page[start] != _LEAF:
            return
        (cells,) = struct.unpack_from(">H", page, start + 3)
        for cell in range(min(cells, self._size // 4)):
            try:
                (offset,) = struct.unpack_from(">H", page, start + 8 + 2 * cell)
                yield self._row(page, offset)
            except _WRONG:
                continue

    def _row(self, page: bytes, offset: int) -> TableRow:
        length, offset = varint_at(page, offset)
        rowid, offset = varint_at(page, offset)
        if rowid >= 2**63 or length > 2**30:
            raise ValueError("no row of ours")
        local = self._local(length)
        payload = page[offset : offset + local]
        if len(payload) != local:
            raise ValueError("it runs over its page")
        if local < length:
            (following,) = struct.unpack_from(">I", page, offset + local)
            payload += self._overflow(following, length - local)
        return TableRow(rowid, _record(payload))

    def _local(self, length: int) -> int:
        """How many bytes of a payload lie on the leaf itself."""
        most = self._size - 35
        if length <= most:
            return length
        least = (self._size - 12) * 32 // 255 - 23
        wanted = least + (length - least) % (self._size - 4)
        return wanted if wanted <= most else least

    def _overflow(self, number: int, length: int) -> bytes:
        parts: list[bytes] = []
        while length > 0:
            if not 1 <= number <= self._count:
                raise ValueError("the chain leads nowhere")
            page = self._page(number)
            (number,) = struct.unpack_from(">I", page, 0)
            part = page[4 : 4 + min(length, self._size - 4)]
            if not part:
                raise ValueError("the chain ends early")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _record(payload: bytes) -> tuple[Value, ...]:
    end, offset = varint_at(payload, 0)
    kinds = []
    while offset < end:
        kind, offset = varint_at(payload, offset)
        kinds.append(kind)
    if offset != end:
        raise ValueError("its header does not add up")
    values: list[Value] = []
    for kind in kinds:
        value, offset = _value(payload, offset, kind)
        values.append(value)
    if offset != len(payload):
        raise ValueError("its values do not add up")
    return tuple(values)


def _value(payload: bytes, offset: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, offset
    if kind in {8, 9}:
        return kind - 8, offset
    if kind == 7:
        return struct.unpack_from(">d", payload, offset)[0], offset + 8
    if kind in _INTEGER_BYTES:
        end = offset + _INTEGER_BYTES[kind]
        return int.from_bytes(payload[offset:end], "big", signed=True), end
    if kind < 12:
        raise ValueError("a kind that is not in use")
    end = offset + (kind - 12) // 2
    raw = payload[offset:end]
    if len(raw) != end - offset:
        raise ValueError("it ends early")
    return (raw.decode("utf-8") if kind % 2 else raw), end


def varint_at(data: bytes, offset: int) -> tuple[int, int]:
    """The number of 1 to 9 bytes at ``offset``, and where it ends. Raises IndexError."""
    value = 0
    for place in range(9):
        byte = data[offset + place]
        if place == 8:
            return value << 8 | byte, offset + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + place + 1
    raise ValueError("no number")


def _logged(log: Path, page_size: int) -> Mapping[int, bytes]:
    """Pages of the transactions in a write-ahead log that were committed."""
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        return {}
    if len(data) < _WAL_HEADER or struct.unpack_from(">I", data)[0] not in _WAL_MAGIC:
        return {}
    if struct.unpack_from(">I", data, 8)[0] != page_size:
        return {}
    salt = data[16:24]
    committed: dict[int, bytes] = {}
    open_ones: dict[int, bytes] = {}
    for start in range(_WAL_HEADER, len(data), _FRAME_HEADER + page_size):
        frame = data[start : start + _FRAME_HEADER + page_size]
        # frames of a log that was begun anew carry another salt
        if len(frame) < _FRAME_HEADER + page_size or frame[8:16] != salt:
            break
        number, commit = struct.unpack_from(">II", frame)
        open_ones[number] = frame[_FRAME_HEADER:]
        if commit:
            committed.update(open_ones)
            open_ones = {}
    return committed
