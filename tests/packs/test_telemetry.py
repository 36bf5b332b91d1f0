"""onnxruntime reports to its maker unless it is told not to, before it is loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Told by its threads as well: one that sends is begun at the import.
_LOADED = """
import os, sys
import numpy
before = len(os.listdir("/proc/self/task"))
import crispd.packs.sessions.providers, crispd.packs.pack, crispd.cli.indexing
print(len(os.listdir("/proc/self/task")) - before)
"""


def test_one_module_loads_onnxruntime() -> None:
    """In whatever order the others are imported, it has told it first."""
    loading = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "crispd").rglob("*.py")
        if re.search(
            r"^\s*(import|from) onnxruntime", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert loading == ["crispd/packs/sessions/onnx_runtime.py"]


def test_nothing_is_reported_to_the_maker_of_onnxruntime(tmp_path: Path) -> None:
    for already in ({}, {"ORT_DISABLE_TELEMETRY": "0"}):
        done = subprocess.run(
            [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **already},
        )  # fmt: skip
        assert (done.stdout, done.stderr) == ("0\n", "")
        assert list(tmp_path.rglob("*")) == []
