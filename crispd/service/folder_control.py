"""Control of the watched folders: their state, and commands for indexing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import NotFound, NotReady
from crispd.ingest.scan.roots import folder_status, unwatched_status
from crispd.ingest.stages.jobs import retry_of
from crispd.types import TEXT_PROBLEM
from crispd.watch.placement import place_in

if TYPE_CHECKING:
    from crispd.ingest.ingestor import Ingestor
    from crispd.library.library import Library
    from crispd.service.last_counts import LastCounts
    from crispd.types import FolderStatus, IndexingProblem, Root


@dataclass(frozen=True, slots=True)
class FolderControl:
    """``ingestor``: None in a process that only searches. ``counts`` outlive it."""

    library: Library
    ingestor: Ingestor | None
    counts: LastCounts

    def folders(self) -> list[FolderStatus]:
        """Each root as it stands."""
        counts = self.counts
        counts.read(self.library.database.read())
        if (ingestor := self.ingestor) is None:
            return [unwatched_status(root, counts.of(root.id)) for root in self.library.roots]
        return [
            folder_status(state, counts.of(state.root.id), ingestor.lag(state.root.id))
            for state in ingestor.root_states()
        ]

    def rescan(self) -> int:
        """Begin a scan of every root now; how many."""
        return self._indexing().rescan()

    def reread(self, root: Root, path: str) -> int:
        """Read a photo, or all below a folder, anew; how many. Raises NotFound.

        What is known stays until then, also over a restart or while its drive is away.
        """
        return self._indexing().reread(root, path)

    def reread_below(self, path: str) -> int:
        """The same of an absolute path in a watched folder."""
        return self.reread(*place_in(self.library.roots, path))

    def confirm_missing(self, path: str | None) -> int:
        """Missing photos of a folder, or of all, are gone on purpose; how many folders waited.

        Raises NotFound for a folder that is not watched.
        """
        if path is not None and path not in {root.path for root in self.library.roots}:
            raise NotFound(f"{path} is not watched. See /folders for those that are.")
        return self._indexing().confirm(path)

    def problems(self, limit: int, offset: int) -> tuple[list[IndexingProblem], int]:
        """A page of the files that could not be read, and how many there are in all."""
        reader = self.library.database.read()
        return reader.problems(limit, offset), reader.problem_count()

    def retry_problems(self) -> int:
        """Look at every failed file again; how many were taken on."""
        reader = self.library.database.read()
        found = reader.problems(reader.problem_count(), 0)
        problems = [problem for problem in found if problem.code != TEXT_PROBLEM]
        return self._indexing().retry(retry_of(problems, self.library.roots))

    def _indexing(self) -> Ingestor:
        if self.ingestor is not None:
            return self.ingestor
        if (read_only := self.library.read_only) is not None:
            raise read_only
        raise NotReady("Nothing is being watched in this process.")
