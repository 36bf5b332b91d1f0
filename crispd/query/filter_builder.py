"""Filters as they come together: each further one narrows what the others leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crispd.errors import QueryError
from crispd.query.dates import date_ranges
from crispd.types import Note
from crispd.types.query import Filters

if TYPE_CHECKING:
    from crispd.query.dates.periods import Period
    from crispd.query.operators import OperatorResult

_NEGATED = {
    "folder": "not_folders",
    "types": "not_types",
    "cameras": "not_cameras",
    "keywords": "not_keywords",
    "has": "not_has",
    # Not after a day is before it, and the other way round.
    "after": "before",
    "before": "after",
}
_CANNOT_BE_NEGATED = frozenset({"date", "near", "orientation", "rating", "size"})
_ONE = frozenset({"folder", "near", "orientation"})
_LATEST = frozenset({"after", "rating", "min_width", "min_height", "min_megapixels"})


@dataclass(slots=True)
class FilterBuilder:
    """What a question asks for, while it is read."""

    without: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    less: list[str] = field(default_factory=list)
    times: list[Period] = field(default_factory=list)
    _values: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, meaning: OperatorResult, *, negated: bool) -> None:
        """Take on a filter; raises QueryError, before anything changes, where it cannot be one."""
        if negated and name in _CANNOT_BE_NEGATED:
            raise QueryError("a minus works with in:, type:, camera:, keyword:, has: and words.")
        for key, value in meaning.changes.items():
            if key in _ONE and not negated and self._values.get(key, value) != value:
                raise QueryError(f"only one {name} can be given.")
        for key, value in meaning.changes.items():
            self._merge(_NEGATED[key] if negated else key, value)

    def _merge(self, key: str, value: Any) -> None:
        if key == "not_folders":
            value = (value,)
        known = self._values.get(key)
        if known is None:
            self._values[key] = value
        elif isinstance(value, tuple):
            self._values[key] = tuple(dict.fromkeys((*known, *value)))
        elif key in _LATEST:
            self._values[key] = max(known, value)
        elif key == "before":
            self._values[key] = min(known, value)

    def filters(self) -> Filters:
        for span in self.times:
            if span.start is not None:
                self._merge("after", date_ranges.wall_clock(span.start))
            if span.end is not None:
                self._merge("before", date_ranges.wall_clock(span.end))
        self.times.clear()
        return Filters(**self._values)

    def contradictions(self) -> list[Note]:
        """Sentences; call it after ``filters``."""
        after, before = self._values.get("after"), self._values.get("before")
        if after is None or before is None or after < before:
            return []
        sentence = "The times asked for have nothing in common, so no photo can match all of them."
        return [Note(sentence, "contradiction")]
