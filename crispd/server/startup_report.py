"""The startup report: where the service is, and how the first indexing goes."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import TYPE_CHECKING

from crispd.errors import CrispdError
from crispd.sample_queries import FIRST_QUERY
from crispd.server.progress_display import LineProgress, ProgressBar, ServiceManagerProgress, write
from crispd.types import displayable, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.service_facade import ServiceFacade
    from crispd.systemd.notify import Notifier
    from crispd.types import IngestProgress

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_READY_SECONDS = 0.02  # whoever waits for the line waits no longer than for the service
_PATIENCE_SECONDS = 3.0
# Shorter work than this, a few photos that came in, is not worth a line.
_WORTH_A_LINE_SECONDS = 5.0
_JOIN_SECONDS = 2.0


class StartupReport:
    """Waits until the service is ready, prints its addresses, then reports progress.

    ``is_open``: whether callers can be told apart, so that whoever reads the line may ask.
    """

    def __init__(
        self,
        service: ServiceFacade,
        host: str,
        port: int,
        data_dir: str,
        folders: Sequence[str],
        manager: Notifier,
        *,
        scheme: str = "http",
        closed: bool = False,
        is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        self._house = service
        self._is_open = is_open
        self._manager = manager
        self._closed = closed
        self._address = f"{scheme}://{_shown_host(host)}:{port}"
        self._data_dir = printable(displayable(data_dir))
        self._folders = [printable(displayable(folder)) for folder in folders]
        self._finished = threading.Event()
        self._show: ProgressBar | LineProgress = self._suitable()
        self._thread = threading.Thread(target=self._run, name="crispd-reporter", daemon=True)

    def _suitable(self) -> ProgressBar | LineProgress:
        if self._manager:
            return ServiceManagerProgress(self._manager.status)
        return ProgressBar() if sys.stdout.isatty() else LineProgress()

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self) -> None:
        """Report no more."""
        self._finished.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            if self._wait_until_ready():
                self._say_where()
                self._say_better()
                self._follow()
        except CrispdError:
            return  # stopped meanwhile
        except Exception:  # a thread's top: what it shows must not take the service down
            log.exception("the progress is no longer shown")
        finally:
            self._show.end()

    def _wait_until_ready(self) -> bool:
        patient_until: float | None = time.monotonic() + _PATIENCE_SECONDS
        while not (self._house.readiness().ok and self._is_open()):
            if self._finished.wait(_READY_SECONDS):
                return False
            if patient_until is not None and time.monotonic() >= patient_until:
                patient_until = None
                self._manager.status(f"Opening its data in {self._data_dir}")
                write(f"  crispd is starting: it opens its data in {self._data_dir}")
        return True

    def _say_where(self) -> None:
        if self._manager:
            write(f"crispd is listening at {self._address}, its data is in {self._data_dir}")
            return
        asked = (
            f"  In a terminal  curl '{self._address}/search?q={FIRST_QUERY}&limit=5'",
            f"  How it stands  curl {self._address}/status",
        )
        closed = (
            "  Who may ask    whom you let in: crispd pair NAME",
            f"  In a terminal  crispd search '{FIRST_QUERY}'",
        )
        lines = (
            "",
            f"  crispd is listening at {self._address}",
            "",
            "  In a browser   " + self._address,
            *(closed if self._closed else asked),
            f"  Its data       {self._data_dir}  (your photos are only ever read)",
            "  To stop        Ctrl+C",
            "",
        )
        write("\n".join(lines))

    def _say_better(self) -> None:
        """Once in the life of a data folder."""
        if not self._manager and (hint := self._house.packs.hint()) is not None:
            write(f"  {hint}")

    def _follow(self) -> None:
        """Progress while there is work, and a line when it is done."""
        first, began = True, time.monotonic()
        working = True
        while not self._finished.wait(_LOOK_SECONDS):
            progress, before = self._house.progress(), working
            working = bool(progress.pending or progress.scanning)
            if working and not before:
                began = time.monotonic()
            long = first or time.monotonic() - began >= _WORTH_A_LINE_SECONDS
            if working and long:
                self._show.progress(self._house.status().photos, progress)
            elif before and not working:
                self._show.end()
                self._manager.status(self._done(progress))
                if long:
                    write(f"  {self._done(progress)}")
                first = False

    def _done(self, progress: IngestProgress) -> str:
        status = self._house.status()
        problems = (
            f", {status.failed} could not be read ({self._address}/problems)"
            if status.failed
            else ""
        )
        if not status.photos and not status.failed:
            places = ", ".join(self._folders) or f"the folders of {self._address}/folders"
            return f"No photos were found in {places}. Those that come are indexed as they come."
        rate = f" ({progress.images_per_second:.1f} photos/s)" if progress.encoded else ""
        return f"All {status.photos} photos are searchable{rate}{problems}."


def _shown_host(host: str) -> str:
    if host in {"0.0.0.0", "::"}:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
