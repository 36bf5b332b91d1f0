"""Photos of each root, for what is shown: the last ones known where the database cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import StorageError
from crispd.types import RootCounts

if TYPE_CHECKING:
    from crispd.store.reading.reads import Reader

_NONE = RootCounts(photos=0, failed=0)


class LastCounts:
    """Whoever asks for a status wants to be told of a folder that is gone or a drive that fails,
    not to be refused because of it. ``trouble``: why the last reading failed; None where it did
    not.
    """

    def __init__(self) -> None:
        self._counts: dict[int, RootCounts] = {}
        self.trouble: StorageError | None = None

    def read(self, reader: Reader) -> None:
        """Count anew, where the database can be read."""
        try:
            self._counts = reader.counts()
        except StorageError as error:
            self.trouble = error
        else:
            self.trouble = None

    def of(self, root_id: int) -> RootCounts:
        """Those of a root."""
        return self._counts.get(root_id, _NONE)
