"""Logging to stderr, where systemd and Docker pick it up."""

from __future__ import annotations

import logging
import os

_QUIET = ("httpx", "httpcore", "PIL", "alembic", "asyncio", "multipart")


def set_up(level: str) -> None:
    """Lines with time, level and place; without the time where systemd's journal adds its own."""
    journal = "JOURNAL_STREAM" in os.environ and "INVOCATION_ID" in os.environ
    logging.basicConfig(
        level=level.upper(),
        format=("" if journal else "%(asctime)s ") + "%(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
        force=True,
    )
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
