"""Thumbnails on disk, by content: a cache, made again when missing."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


class ThumbnailCache:
    """One JPEG a content, two folder levels deep so that no folder grows beyond reason."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._failing = False

    def get(self, content_hash: str) -> bytes | None:
        """The JPEG, None where there is none or it cannot be read."""
        try:
            return self._path(content_hash).read_bytes()
        except OSError:
            return None

    def put(self, content_hash: str, jpeg: bytes) -> None:
        """Keep a JPEG. A reader never sees half of it; a full disk costs a log line, no photo."""
        path = self._path(content_hash)
        # Two threads may make the same one: each has a temporary name of its own.
        temporary = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(jpeg)
            os.replace(temporary, path)  # noqa: PTH105 - the same call, named as POSIX names it
            self._failing = False
        except OSError as error:
            # once, not for every photo: the log may lie on the same full disk
            level = logging.DEBUG if self._failing else logging.WARNING
            self._failing = True
            log.log(level, "thumbnails cannot be kept: %s", error)
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _path(self, content_hash: str) -> Path:
        return self._folder / content_hash[:2] / f"{content_hash}.jpg"
