"""Protocol Buffers off a memory map: as much as ONNX files need, and no byte of their weights.

A file of two gigabytes is read in milliseconds: only keys and lengths are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of https://protobuf.dev/programming-guides/encoding/
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


class Message:
    """One message, as where it lies in ``data``. Raises PackCorrupt where it is none."""

    def __init__(self, data: memoryview) -> None:
        self._data = data

    @property
    def data(self) -> memoryview:
        """All of it as bytes."""
        return self._data

    def __len__(self) -> int:
        return len(self._data)

    def fields(self) -> Iterator[tuple[int, int | Message]]:
        """(number, value) of each field: a number, or what it holds as bytes; floats are left."""
        for number, value, _ in self.spans():
            if value is not None:
                yield number, value

    def spans(self) -> Iterator[tuple[int, int | Message | None, memoryview]]:
        """(number, value, bytes with key and length) of each field; None for floats."""
        place, end = 0, len(self._data)
        while place < end:
            start = place
            value: int | Message | None = None
            key, place = self._varint(place)
            number, kind = key >> 3, key & 7
            if kind == _VARINT:
                value, place = self._varint(place)
            elif kind == _BYTES:
                size, place = self._varint(place)
                if not 0 <= size <= end - place:
                    raise _damaged()
                value = Message(self._data[place : place + size])
                place += size
            elif kind in (_FIXED_64, _FIXED_32):
                place += 8 if kind == _FIXED_64 else 4
            else:
                raise _damaged()
            if place > end:
                raise _damaged()
            yield number, value, self._data[start:place]

    def all(self, number: int) -> list[Message]:
        """Messages of a repeated field."""
        return [
            value for key, value in self.fields() if key == number and isinstance(value, Message)
        ]

    def one(self, number: int) -> Message | None:
        """The last of a field, None where there is none."""
        found = self.all(number)
        return found[-1] if found else None

    def number(self, number: int, default: int = 0) -> int:
        """The last of a field of whole numbers."""
        found = [value for key, value in self.fields() if key == number and isinstance(value, int)]
        return found[-1] if found else default

    def numbers(self, number: int) -> list[int]:
        """A repeated field of whole numbers, packed or not."""
        found: list[int] = []
        for key, value in self.fields():
            if key == number:
                found += [value] if isinstance(value, int) else value.varints()
        return found

    def varints(self) -> Iterator[int]:
        """All of it as numbers one after the other."""
        place = 0
        while place < len(self._data):
            value, place = self._varint(place)
            yield value

    def text(self) -> str:
        """All of it as text."""
        return bytes(self._data).decode("utf-8", "replace")

    def text_of(self, number: int) -> str:
        """A field as text; empty where there is none."""
        found = self.one(number)
        return "" if found is None else found.text()

    def _varint(self, place: int) -> tuple[int, int]:
        value = 0
        for count, byte in enumerate(self._data[place : place + _LONGEST_VARINT]):
            value |= (byte & 127) << (7 * count)
            if byte < 128:
                return value - (value >> 63 << 64), place + count + 1
        raise _damaged()


def bytes_field(number: int, value: bytes | memoryview) -> bytes:
    """A field of bytes, of text or of a message, as it is written."""
    return b"".join([_written(number << 3 | _BYTES), _written(len(value)), value])


def number_field(number: int, value: int) -> bytes:
    """A field of a whole number of 0 or more."""
    return _written(number << 3 | _VARINT) + _written(value)


def _written(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def _damaged() -> PackCorrupt:
    return PackCorrupt("it is damaged, or no ONNX file")
