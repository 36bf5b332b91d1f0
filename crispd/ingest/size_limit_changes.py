"""Retries of photos that were too large for earlier limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import StorageError
from crispd.ingest.stages.jobs import retry_of
from crispd.store.previous_run import remember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.ingest.stages.jobs import Job
    from crispd.store.database import Database
    from crispd.types import Root

_KEY = "decode_limits"
# Of how a picture is judged (images/isolation/memory_cost.py); raised when less is refused.
_RULES = 1


def previously_too_large(database: Database, limits: str, roots: Sequence[Root]) -> list[Job]:
    """Files to be looked at again since ``limits`` are others than the last time.

    None where they are not, or where that cannot be noted: a full disk must not keep a service
    from starting, nor have it read all of them at each start.
    """
    try:
        if not remember(database, _KEY, f"{_RULES} {limits}"):
            return []
    except StorageError:
        return []
    reader = database.read()
    problems = reader.problems(reader.problem_count(), 0)
    return retry_of((each for each in problems if each.code == "too_large"), roots)
