"""A TOML table whose keys are read one by one, with the sentence that says what is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from crispd.errors import PackCorrupt

_NAMES: dict[type, str] = {
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GraphFiles:
    """A graph for any processor, and one in int8, if the pack has it.

    ``in_16_bits``: no sum of two int8 products leaves 16 bits, so x86 without VNNI adds them up
    right with its fast instruction, ``pmaddubsw``.
    """

    default: str
    int8: str | None
    in_16_bits: bool = False

    @property
    def all(self) -> tuple[str, ...]:
        """Both, or the one there is."""
        return (self.default,) if self.int8 is None else (self.default, self.int8)


class Table:
    """A TOML table that says which key is wrong."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        self._values = values
        self.where = where

    def get(self, key: str, kind: type[T]) -> T:
        value = self._values.get(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"{_NAMES[kind]} is expected")
        return value

    def text(self, key: str) -> str:
        value = self.get(key, str)
        if not value.strip():
            raise self.wrong(key, "a text is expected")
        return value

    def table(self, key: str) -> Table:
        return Table(self.get(key, dict), f"{self.where} [{key}]")

    def optional(self, key: str) -> Table | None:
        return self.table(key) if key in self._values else None

    def tables(self, key: str) -> list[Table]:
        entries = self.get(key, list)
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise self.wrong(key, "a list of tables is expected")
        return [Table(entry, f"{self.where} [[{key}]]") for entry in entries]

    def positive(self, key: str) -> int:
        value = self.get(key, int)
        if value < 1:
            raise self.wrong(key, "a number above 0 is expected")
        return value

    def number(self, key: str) -> float:
        value = self._values.get(key)
        if not is_number(value):
            raise self.wrong(key, "a number is expected")
        return float(value)

    def has(self, key: str) -> bool:
        return key in self._values

    def numbers(self, key: str, *counts: int) -> list[float]:
        values = self.get(key, list)
        if len(values) not in counts or not all(is_number(value) for value in values):
            *some, last = (_COUNTS[count] for count in counts)
            expected = f"{', '.join(some)} or {last}" if some else last
            raise self.wrong(key, f"{expected} numbers are expected")
        return [float(value) for value in values]

    def span(self, key: str, dim: int) -> tuple[int, int]:
        """Dimensions from, to (not included)."""
        start, end = self.numbers(key, 2)
        if not 0 <= start < end <= dim or not start.is_integer() or not end.is_integer():
            raise self.wrong(key, f"[from, to] within 0 to {dim} is expected")
        return int(start), int(end)

    def triple(self, key: str) -> tuple[float, float, float]:
        first, second, third = self.numbers(key, 3)
        return (first, second, third)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.get(key, str)
        if value not in allowed:
            raise self.wrong(key, f"one of {', '.join(allowed)} is expected")
        return value

    def file(self, key: str) -> str:
        """A file name that stays inside the pack."""
        value = self.get(key, str)
        path = Path(value)
        if not path.name or path.is_absolute() or ".." in path.parts or "\0" in value:
            raise self.wrong(key, "a file inside the pack is expected")
        return value

    def graph(self) -> GraphFiles:
        """``file``, and ``int8_file`` and ``int8_in_16_bits`` where they are given."""
        narrow = "int8_in_16_bits" in self._values and self.get("int8_in_16_bits", bool)
        return GraphFiles(self.file("file"), self.optional_file("int8_file"), narrow)

    def optional_file(self, key: str) -> str | None:
        return self.file(key) if key in self._values else None

    def wrong(self, key: str, what: str) -> PackCorrupt:
        if key not in self._values:
            return PackCorrupt(f"{self.where}: {key} is missing; {what}.")
        return PackCorrupt(f"{self.where}: {key} is {self._values[key]!r}; {what}.")


def is_number(value: object) -> TypeGuard[float]:
    """TOML knows nan and inf; neither is of any use here."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
