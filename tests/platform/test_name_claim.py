"""A name is had by one process at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

from crispd.platform.linux import name_claim as linux
from crispd.platform.name_in_use import NameInUse
from crispd.platform.portable import name_claim as portable

HOLD = """
import sys
from crispd.platform.{system} import name_claim
claim = name_claim.NameClaim(sys.argv[1].encode())
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=[linux, portable], ids=["linux", "portable"])
def system(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    found: ModuleType = request.param
    return found


def hold(system: ModuleType, key: str) -> subprocess.Popen[str]:
    """Another process that has the name."""
    code = HOLD.format(system=system.__name__.split(".")[2])
    other = subprocess.Popen(
        [sys.executable, "-c", code, key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_one_at_a_time(system: ModuleType, tmp_path: Path) -> None:
    key = str(tmp_path)
    other = hold(system, key)
    with other:
        with pytest.raises(NameInUse) as taken:
            system.NameClaim(key.encode())
        assert taken.value.process == other.pid
        assert taken.value.user == os.geteuid()
        system.NameClaim(f"{key}/other".encode()).close()
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        mine = system.NameClaim(key.encode())  # the kernel lets go of what a dead process had
    with pytest.raises(NameInUse):
        system.NameClaim(key.encode())
    mine.close()
    mine.close()
    system.NameClaim(key.encode()).close()


def test_a_file_of_somebody_else_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    claim = portable.NameClaim(b"x")
    portable.NameClaim(b"x").close()
    claim.close()
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there"))
    portable.NameClaim(b"x").close()
    [file] = (tmp_path / "there").iterdir()
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    portable.NameClaim(b"x").close()
    assert not (tmp_path / "elsewhere").exists()
