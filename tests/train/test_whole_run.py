"""The recipe as one command, over a few photos: killed at every stage it makes the same packs.

Half an hour of two cores: ``-m "slow and data" tests/train/test_whole_run.py``, with an interpreter
that has ``models/train/requirements.txt`` and crispd. Where ``CRISPD_TEST_DICTIONARIES`` and
``CRISPD_TEST_DETECTOR`` name what languages and objects are learnt from, the recipe makes them and
the tokens of regions too: an hour and a quarter.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the recipe's requirements are not installed")

ROOT = Path(__file__).parents[2]
_SHORT = (
    "--photos", "400", "--go-on", str(ROOT / "models" / "mini"), "--heads-epochs", "1",
    "--whole-steps", "160", "--fine-epochs", "1", "--second",
)  # fmt: skip
_STEPS = ("--language-steps", "120", "--region-steps", "120")
# Where the run is killed, one restart each, by what its log says: as features are made, between
# stages, within a step that changes a pack, within the fits, and as the smaller pack is made.
_BEFORE_WORDS = ("train: 400 of", "whole before", "fine stage before", "step: second",
                 "second_seen.npy: 800")  # fmt: skip
_WORDS = ("student 100", "step: tokens", "step: objects", "judge 400")
_FITS = ("step: fitted", "step: tiny", "tiny_seen.npy: 800", "step: tiny-fitted")
_REGIONS = ("step: regions", "looked at 400 of", "regions 100", "step: regions-words",
            "step: regions-fitted")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """The options of a run, and where it is killed."""

    options: tuple[str, ...]
    killed_at: tuple[str, ...]


def _kind() -> _Kind:
    """With words and regions, where there is what they are learnt from."""
    words = os.environ.get("CRISPD_TEST_DICTIONARIES")
    detector = os.environ.get("CRISPD_TEST_DETECTOR")
    if words is None or detector is None:
        return _Kind(_SHORT, (*_BEFORE_WORDS, *_FITS))
    more = ("--dictionaries", words, "--detector", detector, *_STEPS)
    return _Kind((*_SHORT, *more, "--regions"), (*_BEFORE_WORDS, *_WORDS, *_FITS, *_REGIONS))


@pytest.mark.slow
@pytest.mark.data
def test_a_run_that_is_killed_at_every_stage_makes_the_same_packs(tmp_path: Path) -> None:
    data = Path(os.environ["CRISPD_TEST_DATA"])
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    kind = _kind()
    assert _run(data, whole, kind.options, None) == 0
    for line in kind.killed_at:
        assert _run(data, killed, kind.options, line) == -signal.SIGKILL, f"never said: {line}"
    assert _run(data, killed, kind.options, None) == 0
    for pack in ("mini", "tiny"):
        names = sorted(path.name for path in (whole / pack).iterdir())
        assert names == sorted(path.name for path in (killed / pack).iterdir())
        others = [
            name
            for name in names
            if (whole / pack / name).read_bytes() != (killed / pack / name).read_bytes()
        ]
        assert others == []


def _run(data: Path, folder: Path, options: tuple[str, ...], killed_at: str | None) -> int:
    """The exit code of a run into ``folder``, killed where the log says so."""
    command = [str(ROOT / "models" / "train" / "run.sh"), "--data", str(data), *options]
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
