"""Logging to stderr, where systemd and Docker pick it up."""

from __future__ import annotations

import logging

_QUIET = ("httpx", "httpcore", "watchdog", "PIL", "alembic", "asyncio")


def set_up(level: str) -> None:
    """Lines with time, level and place."""
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
