"""Times as the values of filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.query.dates import other_languages
from crispd.query.dates.date_ranges import format_period, mentions_season, parse_time
from crispd.query.dates.periods import Period
from crispd.query.dates.vocabulary import MONTH_NAMES, MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crispd.query.parsed_query import Hemisphere


@dataclass(frozen=True, slots=True)
class ClockTimeReader:
    """A ``TimeReader``. ``now`` is local; ``hemisphere`` is asked only where a season is named."""

    now: datetime
    hemisphere: Callable[[], Hemisphere]

    def period(self, text: str) -> Period:
        hemisphere = self.hemisphere() if mentions_season(text) else "north"
        return parse_time(text, self.now, hemisphere)

    def describe(self, start: datetime | None, end: datetime | None) -> str:
        return format_period(Period(start, end))

    def month(self, text: str) -> int | None:
        name = text.strip().lower()
        return MONTHS.get(other_languages.MONTHS.get(name, name))

    def month_name(self, number: int) -> str:
        return MONTH_NAMES[number - 1]
