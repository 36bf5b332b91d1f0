"""A process ends as it means to, whatever its threads are at."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import sys, threading, time
from crispd.cli.exit import exit_process

class Late:
    def __del__(self):
        print("taken apart")

late = Late()
threading.Thread(target=time.sleep, args=(60,), name="{name}", daemon=True).start()
print("said")
exit_process(3)
"""


@pytest.mark.parametrize(
    ("name", "said"), [("crispd-encoder", ["said"]), ("other", ["said", "taken apart"])]
)
def test_no_interpreter_is_taken_apart_under_a_busy_thread(name: str, said: list[str]) -> None:
    program = _PROGRAM.format(name=name)
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
    assert found.returncode == 3
    assert found.stdout.decode().split("\n")[:-1] == said
    assert not found.stderr
