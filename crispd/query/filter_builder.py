"""What a question asks for, as it comes together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.filters.conjunction import add_conditions, negated
from crispd.filters.operators import period_reading
from crispd.types import Condition, Filters, Note

if TYPE_CHECKING:
    from crispd.filters.definition import Operator, Reading, TimeReader
    from crispd.query.dates.periods import Period


@dataclass(slots=True)
class FilterBuilder:
    """What a question asks for, while it is read."""

    without: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    less: list[str] = field(default_factory=list)
    times: list[Period] = field(default_factory=list)
    _filters: Filters = field(default_factory=Filters)

    def add(self, operator: Operator, reading: Reading, *, minus: bool) -> None:
        """Take on a filter; raises QueryError, before anything changes, where it cannot be one."""
        conditions = negated(operator, reading) if minus else reading.conditions
        self._filters = add_conditions(self._filters, conditions)

    def add_reading(self, reading: Reading) -> None:
        """Take on what words mean."""
        self._filters = add_conditions(self._filters, reading.conditions)

    def printed(self, day: str) -> Filters:
        """Those of photos in which a day stands, instead of a time; call it before ``filters``.
        Raises QueryError.
        """
        return add_conditions(self._filters, (Condition("text", (day,)),))

    def filters(self, times: TimeReader) -> Filters:
        for span in self.times:
            reading = period_reading(*span, times)
            self._filters = add_conditions(self._filters, reading.conditions)
        self.times.clear()
        return self._filters

    def contradictions(self) -> list[Note]:
        """Sentences; call it after ``filters``."""
        after, before = self._filters.value("after"), self._filters.value("before")
        if after is None or before is None or after < before:
            return []
        sentence = "The times asked for have nothing in common, so no photo can match all of them."
        return [Note(sentence, "contradiction")]
