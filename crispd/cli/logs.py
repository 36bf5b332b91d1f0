"""Logging to stderr, for systemd and Docker."""

from __future__ import annotations

import logging
import os
import sys
import warnings

from crispd.types import printable

_QUIET = ("httpx", "httpcore", "PIL", "alembic", "asyncio", "multipart")
# Modules whose warnings say nothing to anyone here: odd EXIF of each photo, an observer that a
# system has not. Where they are imported says so, too; but what is ignored while another thread is
# inside ``warnings.catch_warnings`` is forgotten when that ends, so it is said before any starts.
_SILENT = (r"PIL\.", r"watchdog\.observers")
# What the journal understands at the head of a line, sd-daemon(3): syslog's levels.
_LEVELS = {
    logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7,
}  # fmt: skip


class LineFormatter(logging.Formatter):
    """Formats a record as one line, with control characters in file names escaped; a traceback
    keeps its lines.
    """

    def format(self, record: logging.LogRecord) -> str:
        """With escapes for what would begin a line or drive a terminal."""
        shown = logging.makeLogRecord({**record.__dict__, "msg": printable(record.getMessage())})
        shown.args = None
        return printable(super().format(shown), keep="\n")


class JournalFormatter(LineFormatter):
    """Formats records for the journal: a level before every line, and no time."""

    def __init__(self) -> None:
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        head = f"<{_LEVELS.get(record.levelno, 6)}>"
        return "\n".join(head + line for line in super().format(record).splitlines())


def goes_to_journal(stream: str) -> bool:
    """Whether stderr is the one that ``JOURNAL_STREAM`` names, and not redirected since.

    Its value is the device and the inode of the journal's socket (systemd.exec(5)).
    """
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"


def set_up(level: str) -> None:
    """Lines with time, level and place; the journal gets the level its way and adds the time."""
    handler = logging.StreamHandler()
    if goes_to_journal(os.environ.get("JOURNAL_STREAM", "")):
        handler.setFormatter(JournalFormatter())
    else:
        form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
        handler.setFormatter(LineFormatter(form, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for module in _SILENT:
        warnings.filterwarnings("ignore", category=UserWarning, module=module)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
