"""onnxruntime reports to its maker unless it is told not to, before it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Told by its threads as well: one that sends is begun at the import.
_LOADED = """
import os, sys
import numpy
before = len(os.listdir("/proc/self/task"))
import crispd.packs.runtime
print(len(os.listdir("/proc/self/task")) - before)
"""


def test_nothing_is_reported_to_the_maker_of_onnxruntime(tmp_path: Path) -> None:
    for already in ({}, {"ORT_DISABLE_TELEMETRY": "0"}):
        done = subprocess.run(
            [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **already},
        )  # fmt: skip
        assert (done.stdout, done.stderr) == ("0\n", "")
        assert list(tmp_path.rglob("*")) == []
