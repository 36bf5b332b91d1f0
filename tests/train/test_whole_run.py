"""The recipe as one command, over a few photos: killed at every stage it makes the same packs.

Half an hour of two cores: ``-m "slow and data" tests/train/test_whole_run.py``, with an interpreter
that has ``models/train/requirements.txt`` and crispd.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the recipe's requirements are not installed")

ROOT = Path(__file__).parents[2]
_SHORT = (
    "--photos", "400", "--go-on", str(ROOT / "models" / "mini"), "--heads-epochs", "1",
    "--whole-steps", "160", "--fine-epochs", "1", "--second",
)  # fmt: skip
# What the log says where the run is killed, one restart each: within features, between stages,
# within a step that changes a pack, within the fits, and as the smaller pack is made.
_KILLED_AT = (
    "train: 400 of", "whole before", "fine stage before", "step: second", "second_seen.npy: 800",
    "step: fitted", "step: tiny", "tiny_seen.npy: 800", "step: tiny-fitted",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.data
def test_a_run_that_is_killed_at_every_stage_makes_the_same_packs(tmp_path: Path) -> None:
    data = Path(os.environ["CRISPD_TEST_DATA"])
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert _run(data, whole, None) == 0
    for line in _KILLED_AT:
        assert _run(data, killed, line) == -signal.SIGKILL, f"it never said: {line}"
    assert _run(data, killed, None) == 0
    for pack in ("mini", "tiny"):
        names = sorted(path.name for path in (whole / pack).iterdir())
        assert names == sorted(path.name for path in (killed / pack).iterdir())
        others = [
            name
            for name in names
            if (whole / pack / name).read_bytes() != (killed / pack / name).read_bytes()
        ]
        assert others == []


def _run(data: Path, folder: Path, killed_at: str | None) -> int:
    """The exit code of a run into ``folder``, killed where the log says so."""
    command = [str(ROOT / "models" / "train" / "run.sh"), "--data", str(data), *_SHORT]
    command += ["--out", str(folder / "mini"), "--tiny", str(folder / "tiny")]
    command += ["--work", str(folder / "work")]
    environment = {**os.environ, "TRAIN_PYTHON": sys.executable, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if killed_at is not None and killed_at in line:
                os.killpg(process.pid, signal.SIGKILL)
                break
    return process.wait()
