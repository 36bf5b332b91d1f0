"""A photo that kills the process that decodes it does so twice and no more."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.e2e.server import environment_of
from tests.images.test_decode import encoded, scene
from tests.packs import small

# Loaded by Python at its start, in the place of a decoder with a fault: a real one, in the thread
# that decodes. A signal sent to the process may reach another thread, and this one goes on.
FAULT = """
import ctypes
import crispd.images.decode as module
whole = module.open_oriented
def faulty(data, *rest):
    if data.endswith(b"poison"):
        ctypes.string_at(0)
    return whole(data, *rest)
module.open_oriented = faulty
"""


def test_a_poisoned_photo_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "fault").mkdir()
    (tmp_path / "fault" / "sitecustomize.py").write_text(FAULT)
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        (photos / f"{number}.jpg").write_bytes(encoded(scene(90 + number, 60), "JPEG"))
    (photos / "x.jpg").write_bytes(encoded(scene(), "JPEG") + b"poison")
    small.write_pack(tmp_path / "pack")
    environment = environment_of(tmp_path / "data", pack=str(tmp_path / "pack"))
    environment["PYTHONPATH"] = f"{tmp_path / 'fault'}{os.pathsep}{environment['PYTHONPATH']}"

    ends = []
    for _ in range(4):
        command = [sys.executable, "-m", "crispd", "index", str(photos)]
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=120, check=False
        )
        ends.append(done.returncode)
    assert ends == [-signal.SIGSEGV, -signal.SIGSEGV, 0, 0]
    with sqlite3.connect(tmp_path / "data" / "crispd.sqlite3") as database:
        rows = dict(database.execute("SELECT path, reason_code FROM photos"))
    database.close()
    assert rows == {b"0.jpg": None, b"1.jpg": None, b"2.jpg": None, b"x.jpg": "crash"}
