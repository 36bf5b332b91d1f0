"""``python -m tests.api.serve_fake FILE MODE [PORT]``: the real server before a fake house."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from crispd import config
from crispd.cli.logs import set_up
from crispd.errors import ConfigError, CrispdError
from crispd.server import watchdog_thread
from crispd.server.early_start import EarlyStart
from crispd.server.process import serve
from crispd.types import HealthReport, IngestProgress
from tests.api.fake_service import FakeService, record


def house_of(path: Path, mode: str) -> FakeService:
    stat = path.stat()
    known = record(size=stat.st_size, mtime_ns=stat.st_mtime_ns)
    service = FakeService(original_file=path, photo_record=known)
    if mode == "no-start":
        service.start_error = ConfigError("There is no folder /nowhere.")
    if mode == "dies":
        watchdog_thread._LOOK_SECONDS = 0.1
        dead = HealthReport(False, ("thread writer is dead",))
        threading.Timer(0.8, lambda: setattr(service, "healthy", dead)).start()
    if mode == "empty":
        service.photos = 0
    if mode == "indexing":
        service.state = IngestProgress(pending=4, encoded=3, images_per_second=9.5, eta_seconds=75)
        end_once_watched(service)
    return service


def end_once_watched(service: FakeService) -> None:
    """All is indexed 1.2 s after the progress was asked for first, however busy the machine is."""
    end = threading.Timer(1.2, lambda: setattr(service, "state", IngestProgress(encoded=7)))

    def progress() -> IngestProgress:
        if end.ident is None:
            end.start()
        return service.state

    service.progress = progress  # type: ignore[method-assign]


def main() -> int:
    path, mode, port = Path(sys.argv[1]), sys.argv[2], int((sys.argv[3:] or ["0"])[0])
    set_up("info")
    settings = config.load(port=port, data_dir=path.parent / "data")
    settings.data_dir.mkdir(mode=0o700, exist_ok=True)
    try:
        with EarlyStart(house_of(path, mode), settings.host, settings.port) as early:
            return serve(early, settings)
    except CrispdError as error:
        sys.stderr.write(f"crispd: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
