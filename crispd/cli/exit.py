"""The end of a process."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import NoReturn


def exit_process(code: int) -> NoReturn:
    """End with this exit code.

    A thread that did not end in time may be deep in a model or a decoder. An interpreter that takes
    itself apart under such a thread aborts: "terminate called without an active exception", and
    systemd calls a stop that went well a crash. Everything is written by then, so the process ends
    at once instead.
    """
    if any(each.daemon and each.name.startswith("crispd-") for each in threading.enumerate()):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
