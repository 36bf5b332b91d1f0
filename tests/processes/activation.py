"""Sockets for a process as systemd hands them over."""

from __future__ import annotations

import fcntl
import os


def hand_over(numbers: list[int]) -> None:
    """Descriptors from 3 on, and the environment that tells this very process of them."""
    kept = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in numbers]  # out of the way
    for number in numbers:
        os.close(number)
    for place, number in enumerate(kept):
        os.dup2(number, 3 + place)
        os.close(number)
    os.environ["LISTEN_PID"] = os.environ["WATCHDOG_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = str(len(kept))
