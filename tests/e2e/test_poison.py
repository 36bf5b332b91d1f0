"""A photo that kills the process that decodes it does so twice and no more."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

from tests.e2e.server import environment_of
from tests.images.test_decode import encoded, scene
from tests.packs import small
from tests.processes import client

FAULTY = Path(__file__).parent / "faulty"


def test_a_poisoned_photo_is_found_out(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        (photos / f"{number}.jpg").write_bytes(encoded(scene(90 + number, 60), "JPEG"))
    (photos / "x.jpg").write_bytes(encoded(scene(), "JPEG") + b"poison")
    small.write_pack(tmp_path / "pack")
    environment = environment_of(tmp_path / "data", pack=str(tmp_path / "pack"))
    # of the processes, too, in which a suspect is tried out
    environment["PYTHONPATH"] = f"{FAULTY}{os.pathsep}{environment['PYTHONPATH']}"
    ends = []
    for _ in range(4):
        done = client.run("tests.e2e.poisoned", "index", photos, environment=environment)
        ends.append(done.returncode)
    assert ends == [-signal.SIGSEGV, -signal.SIGSEGV, 0, 0]
    with sqlite3.connect(tmp_path / "data" / "crispd.sqlite3") as database:
        rows = dict(database.execute("SELECT path, reason_code FROM photos"))
    database.close()
    assert rows == {b"0.jpg": None, b"1.jpg": None, b"2.jpg": None, b"x.jpg": "crash"}
