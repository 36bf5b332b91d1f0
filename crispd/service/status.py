"""The service's status: flat counters for dashboards, from all parts."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from crispd import __version__
from crispd.errors import DiskFull
from crispd.memory_plan import MB
from crispd.platform.memory import resident_mb
from crispd.types import ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.errors import StorageError
    from crispd.library.library import Library
    from crispd.types import (
        FineProgress,
        FolderStatus,
        IngestProgress,
        PackActivity,
        State,
        TextProgress,
    )


def service_status(
    library: Library,
    progress: IngestProgress,
    folders: Sequence[FolderStatus],
    *,
    state: State,
    message: str | None,
    started_at: float,
    thumbnails_pending: int | None,
    words_pending: int,
    pack_why: str | None,
    text: TextProgress,
    packs: PackActivity,
    fine: FineProgress,
) -> ServiceStatus:
    """``started_at``: of the monotonic clock; ``message``: why it is not simply ready."""
    used = resident_mb()
    return ServiceStatus(
        state=state,
        photos=sum(folder.photos for folder in folders),
        **asdict(replace(progress, failed=sum(folder.failed for folder in folders))),
        pack=library.pack.id,
        version=__version__,
        uptime_seconds=round(time.monotonic() - started_at, 1),
        folders=len(folders),
        folders_online=sum(folder.online for folder in folders),
        index_vectors=len(library.index),
        missing=sum(folder.missing for folder in folders),
        data_dir=str(library.folder),
        message=message,
        pack_why=pack_why,
        memory_mb=None if used is None else round(used, 1),
        memory_limit_mb=library.memory.limit_mb,
        thumbnails_mb=round(library.thumbnails.used() / MB, 1),
        thumbnail_cache_mb=library.thumbnails.budget // MB,
        thumbnails_pending=thumbnails_pending,
        words_pending=words_pending,
        **asdict(text),
        **asdict(packs),
        **asdict(fine),
    )


def current_state(
    progress: IngestProgress,
    trouble: StorageError | None,
    pause: str | None,
    text: TextProgress,
    *,
    healthy: bool,
) -> State:
    """``trouble``: why nothing can be written; ``pause``: why indexing waits, as text does."""
    if isinstance(trouble, DiskFull):
        return "paused"
    if not healthy or trouble is not None:
        return "degraded"
    if not (progress.pending or progress.scanning):
        return "paused" if pause is not None and text.text_pending else "ready"
    return "indexing" if pause is None else "paused"
