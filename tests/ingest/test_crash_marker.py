"""Files that were being decoded when a process died."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from crispd.errors import PhotoUnreadable
from crispd.images.isolation import trial_decode
from crispd.ingest.crash_marker import CrashMarker
from tests.images.test_decode import LIMITS, encoded, scene

HELD = []  # what is let go of ends


def begun(in_flight: CrashMarker, path: str) -> None:
    """Decoding that does not end."""
    HELD.append(in_flight.decoding(path))
    HELD[-1].__enter__()


def crash(folder: Path, *paths: str) -> CrashMarker:
    """A start, and an end in the middle of decoding."""
    in_flight = CrashMarker(folder)
    for path in paths:
        begun(in_flight, path)
    os.close(in_flight._descriptor)
    in_flight._descriptor = -1
    return in_flight


def test_twice_is_suspicious(tmp_path: Path) -> None:
    bad = os.fsdecode(b"/photos/\xff.jpg")
    assert crash(tmp_path, bad, "/photos/a.jpg").suspects == frozenset()
    assert crash(tmp_path, "/photos/b.jpg", bad).suspects == frozenset()
    last = CrashMarker(tmp_path)
    assert last.suspects == {bad}
    with last.decoding("/photos/c.jpg"):
        pass
    last.close()
    assert CrashMarker(tmp_path).suspects == frozenset()


def test_a_clean_end_between_clears_everything(tmp_path: Path) -> None:
    crash(tmp_path, "/a.jpg")
    CrashMarker(tmp_path).close()
    crash(tmp_path, "/a.jpg")
    assert CrashMarker(tmp_path).suspects == frozenset()


def test_what_never_ends_stays_noted(tmp_path: Path) -> None:
    for _ in range(2):
        in_flight = CrashMarker(tmp_path)
        begun(in_flight, "/a.jpg")
        in_flight.close()
    assert CrashMarker(tmp_path).suspects == {"/a.jpg"}


@pytest.mark.parametrize("rubbish", [b"\xff" * 9000, b"\x05\0", b"\x05\0\0\0ab", bytes(100_000)])
def test_a_damaged_note_accuses_nobody(tmp_path: Path, rubbish: bytes) -> None:
    for name in ("decoding", "decoding.before"):
        (tmp_path / name).write_bytes(rubbish)
    assert not any(path.startswith("/") for path in CrashMarker(tmp_path).suspects)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    in_flight = CrashMarker(tmp_path / "missing")
    with in_flight.decoding("/a.jpg"):
        pass
    in_flight.close()


def test_a_trial_ends_well_for_good_and_for_damaged_files(tmp_path: Path) -> None:
    (tmp_path / "good.jpg").write_bytes(encoded(scene(), "JPEG"))
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff no picture")
    for name in ("good.jpg", "bad.jpg", "gone.jpg"):
        trial_decode.trial_decode(str(tmp_path / name), LIMITS)


def test_a_trial_that_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, -11)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(PhotoUnreadable, match="signal 11") as caught:
        trial_decode.trial_decode("/a.jpg", LIMITS)
    assert caught.value.code == "crash"
