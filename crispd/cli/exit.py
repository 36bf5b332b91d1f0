"""The end of the process: ``exit_process``."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn


def exit_process(code: int) -> NoReturn:
    """End with this exit code, at once: everything is written by then.

    An interpreter that takes itself apart works for a third of a second, and for seconds on a hub.
    A thread that did not end in time may be deep in a model or a decoder, and under it such an
    interpreter aborts: "terminate called without an active exception", and systemd calls a stop
    that went well a crash.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
