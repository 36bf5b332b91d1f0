"""A process ends as it means to, whatever its threads are at."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys, threading, time
from crispd.cli.commands.run import exit_process

class Late:
    def __del__(self):
        print("taken apart")

late = Late()
threading.Thread(target=time.sleep, args=(60,), name="crispd-encoder", daemon=True).start()
print("said")
exit_process(3)
"""


def test_no_interpreter_is_taken_apart_under_a_busy_thread() -> None:
    found = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, timeout=30)
    assert found.returncode == 3
    assert found.stdout.decode() == "said\n"
    assert not found.stderr
