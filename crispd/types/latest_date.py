"""What a date may be at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_AHEAD = timedelta(days=2)
# No date up to here is doubted for lying ahead: a board without a battery for its clock starts in
# 1970, or where it was switched off.
_WRITTEN = datetime(2027, 1, 1, tzinfo=UTC)


def latest_date() -> datetime:
    """A photo that says it was taken later is wrong, in whatever zone; with a zone itself."""
    return max(datetime.now(UTC) + _AHEAD, _WRITTEN)
