"""What the terminal shows of a service: where it is, and how the first indexing goes."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING

from crispd.errors import CrispdError

if TYPE_CHECKING:
    from crispd.api.facade import House
    from crispd.types import IngestProgress

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_LINE_SECONDS = 5.0


class Reporter:
    """Waits until the house is ready, says where to look next, then reports progress."""

    def __init__(
        self, house: House, host: str, port: int, data_dir: str, finished: threading.Event
    ) -> None:
        self._house = house
        self._address = f"http://{_shown_host(host)}:{port}"
        self._data_dir = data_dir
        self._finished = finished
        self._thread = threading.Thread(target=self._run, name="crispd-reporter", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._house.readiness().ok:
                if self._finished.wait(_LOOK_SECONDS):
                    return
            self._say_where()
            self._follow()
        except CrispdError:
            return  # stopped meanwhile

    def _say_where(self) -> None:
        lines = (
            "",
            f"  crispd is listening at {self._address}",
            "",
            "  In a browser   " + self._address,
            f"  In a terminal  curl '{self._address}/search?q=dog+on+a+beach&limit=5'",
            f"  How it stands  curl {self._address}/status",
            f"  Its data       {self._data_dir}  (your photos are only ever read)",
            "  To stop        Ctrl+C",
            "",
        )
        _out("\n".join(lines))

    def _follow(self) -> None:
        """A line every few seconds while there is work, and one when it is done."""
        busy, waited = True, _LINE_SECONDS
        while not self._finished.wait(_LOOK_SECONDS):
            waited += _LOOK_SECONDS
            progress = self._house.progress()
            working = bool(progress.pending or progress.scanning)
            if working and waited >= _LINE_SECONDS:
                _out(f"  {_line(self._house.status().photos, progress)}")
                waited = 0.0
            elif busy and not working:
                _out(f"  {self._done(progress)}")
            busy = working

    def _done(self, progress: IngestProgress) -> str:
        status = self._house.status()
        problems = (
            f", {status.failed} could not be read ({self._address}/problems)"
            if status.failed
            else ""
        )
        rate = f" at {progress.images_per_second:.1f} a second" if progress.encoded else ""
        return f"All {status.photos} photos are searchable{rate}{problems}."


def _line(photos: int, progress: IngestProgress) -> str:
    left = "" if progress.eta_seconds is None else f", about {_duration(progress.eta_seconds)} left"
    rate = f" at {progress.images_per_second:.1f} a second" if progress.images_per_second else ""
    return f"Indexing: {photos} photos searchable, {progress.pending} to go{rate}{left}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _shown_host(host: str) -> str:
    if host in {"0.0.0.0", "::"}:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _out(text: str) -> None:
    # The terminal, not the log: a person who ran the command is told where to look.
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
