"""Downloads that end whole or go on later, also in another run after kill -9."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import DiskFull, HubError
from crispd.hub.endpoint import HubBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from io import FileIO
    from pathlib import Path

    from crispd.hub.endpoint import Hub
    from crispd.hub.repository import RemoteFile, RepositoryName

log = logging.getLogger(__name__)

_PART = ".part"
_ATTEMPTS = 6  # in a row without a byte
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_MOST_PATIENCE = 600.0  # what the hub may ask to wait
_SPARE_BYTES = 256 * 2**20
_READ = 2**20


class Stopped(Exception):
    """Somebody does not want it any more. What has come stays and is gone on from."""


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """``done`` and ``total`` bytes; ``rate`` in bytes a second of this run; ``waiting``: why
    nothing comes just now.
    """

    done: int
    total: int
    rate: float = 0.0
    waiting: str | None = None

    @property
    def eta_seconds(self) -> float | None:
        """How long it will take; None where that cannot be told."""
        return round((self.total - self.done) / self.rate, 1) if self.rate else None


class RepositoryDownload:
    """Files of one commit into a folder. ``stop``: set to end it early. ``tell``: called with
    progress, often. ``first_wait``: seconds after the first failure, doubled after each.
    """

    def __init__(
        self,
        hub: Hub,
        repository: RepositoryName,
        commit: str,
        folder: Path,
        *,
        tell: Callable[[DownloadProgress], None] = lambda _: None,
        stop: threading.Event | None = None,
        first_wait: float = _FIRST_WAIT,
    ) -> None:
        self._hub = hub
        self._repository = repository
        self._commit = commit
        self._folder = folder
        self._tell = tell
        self._stop = stop or threading.Event()
        self._first_wait = first_wait
        self._total = self._had = self._came = 0
        self._began = time.monotonic()

    def run(self, files: Sequence[RemoteFile]) -> None:
        """All of them, whole and checked. Raises HubError, DiskFull or Stopped."""
        self._folder.mkdir(parents=True, exist_ok=True)
        missing = [file for file in files if not self._is_whole(file)]
        self._total = sum(file.bytes for file in files)
        self._had = self._total - sum(file.bytes for file in missing)
        self._had += sum(self._partial_bytes(file) for file in missing)
        self._check_room(self._total - self._had)
        self._report()
        for file in missing:
            self._one(file)

    def _is_whole(self, file: RemoteFile) -> bool:
        """A file gets its name only after its checksum held, so a look at its size is enough."""
        path = self._folder / file.path
        return path.is_file() and path.stat().st_size == file.bytes

    def _partial_bytes(self, file: RemoteFile) -> int:
        partial = self._partial(file)
        return min(partial.stat().st_size, file.bytes) if partial.is_file() else 0

    def _partial(self, file: RemoteFile) -> Path:
        return self._folder / f"{file.path}{_PART}"

    def _check_room(self, needed: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if needed + _SPARE_BYTES > free:
            raise DiskFull(
                f"{_mb(needed + _SPARE_BYTES)} MB are needed in {self._folder} and {_mb(free)} MB "
                "are free. Make room, or name another data folder."
            )

    def _one(self, file: RemoteFile) -> None:
        """Until it is whole. Wrong bytes are fetched once more from the beginning."""
        partial = self._partial(file)
        partial.parent.mkdir(parents=True, exist_ok=True)
        for last in (False, True):
            self._fetch(file, partial)
            if _checksum(partial, file) == (file.sha256 or file.git_sha1):
                _keep(partial, self._folder / file.path)
                return
            partial.unlink()
            self._had -= file.bytes
            log.warning("%s of %s came with wrong bytes", file.path, self._repository.name)
            if last:
                raise HubError(
                    f"{file.path} of {self._repository.name} came with wrong bytes, twice. "
                    "A proxy or the mirror changes it; try another network or HF_ENDPOINT."
                )

    def _fetch(self, file: RemoteFile, partial: Path) -> None:
        """Until all bytes are there; goes on where the last attempt ended."""
        failures = 0
        partial.touch()
        while (size := partial.stat().st_size) < file.bytes:
            try:
                self._attempt(file, partial, size)
                if partial.stat().st_size < file.bytes:
                    raise HubBusy(f"{file.path} ended too early.")
            except HubBusy as error:
                failures = 0 if partial.stat().st_size > size else failures + 1
                self._wait(error, failures)
        if partial.stat().st_size > file.bytes:  # of another listing, or more came than was said
            self._had -= partial.stat().st_size - file.bytes
            os.truncate(partial, file.bytes)

    def _attempt(self, file: RemoteFile, partial: Path, size: int) -> None:
        opened = self._hub.open(self._repository, self._commit, file, size)
        with opened as (start, chunks), partial.open("r+b", buffering=0) as out:
            out.truncate(start)
            out.seek(start)
            self._had -= size - start
            left = file.bytes - start
            for chunk in chunks:
                if self._stop.is_set():
                    raise Stopped
                part = chunk[:left]
                _write(out, part, file.path)
                left -= len(part)
                self._came += len(part)
                self._report()
                if not left:
                    return

    def _wait(self, error: HubBusy, failures: int) -> None:
        if failures >= _ATTEMPTS or (error.seconds or 0) > _MOST_PATIENCE:
            raise HubError(f"{error} Try again later: it goes on where it ended.") from error
        seconds = min(self._first_wait * 2 ** max(failures - 1, 0), _LONGEST_WAIT)
        self._report(str(error))
        if self._stop.wait(seconds if error.seconds is None else error.seconds):
            raise Stopped
        log.info("%s Going on.", error)

    def _report(self, waiting: str | None = None) -> None:
        seconds = max(time.monotonic() - self._began, 1e-3)
        done = self._had + self._came
        self._tell(DownloadProgress(done, self._total, self._came / seconds, waiting))


def _write(out: FileIO, data: bytes, name: str) -> None:
    try:
        view = memoryview(data)
        while view:
            view = view[out.write(view) :]
    except OSError as error:
        raise DiskFull(f"{name} cannot be written: {error.strerror}.") from error


def _checksum(path: Path, file: RemoteFile) -> str:
    """SHA-256, or what git calls a file: SHA-1 over a header and its bytes."""
    digest = hashlib.sha256()
    if file.sha256 is None:
        digest = hashlib.sha1(b"blob %d\0" % file.bytes, usedforsecurity=False)
    with path.open("rb") as data:
        while chunk := data.read(_READ):
            digest.update(chunk)
    return digest.hexdigest()


def _keep(partial: Path, final: Path) -> None:
    """Bytes reach the disk before the name."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(final)


def _mb(count: int) -> int:
    return -(-count // 2**20)
