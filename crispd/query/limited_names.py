"""Names that are looked up a few times for each question: it may hold thousands of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.types import Condition, KnownNames, NearPlace

_MOST = 32


@dataclass(slots=True)
class LimitedNames:
    """``KnownNames`` of one question: the first ``left`` look-ups are made, others find nothing."""

    names: KnownNames | None
    left: int = _MOST

    def has(self, condition: Condition) -> bool:
        """Whether each value of a filter lets a photo of the library through."""
        return self.names is not None and self._may_look() and self.names.has(condition)

    def around(self, name: str) -> NearPlace | None:
        """What "near" a place means."""
        return self.names.around(name) if self.names and self._may_look() else None

    def _may_look(self) -> bool:
        self.left -= 1
        return self.left >= 0
