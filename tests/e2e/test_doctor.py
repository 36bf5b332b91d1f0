"""``crispd doctor`` beside a running service, and after things went wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server, command

Serve = Callable[..., Server]


def doctor(data: Path, *arguments: str, **settings: str) -> tuple[int, list[dict[str, Any]]]:
    done = command(data, "doctor", *arguments, "--json", **settings)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.usefixtures("indexed")
def test_a_healthy_house_and_a_sick_one(photos: Path, serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = serve(photos)
    server.settle()
    code, found = doctor(data)
    assert (code, {finding["level"] for finding in found} <= {"good", "warning"}) == (0, True)
    seen = {finding["what"]: finding["seen"] for finding in found}
    assert seen[f"folder {photos}"] == "23 photos in 1 folder, 23 known"
    assert "23 photos" in seen["database"]
    assert server.stop() == 0
    assert "as in the database" in {f["what"]: f["seen"] for f in doctor(data)[1]}["index"]

    shutil.rmtree(photos)
    database = data / "crispd.sqlite3"
    raw = bytearray(database.read_bytes())
    raw[8192 : 4 * 8192] = b"\xff" * (3 * 8192)  # the second page and two more
    database.write_bytes(raw)
    code, found = doctor(data, str(photos))
    bad = {finding["what"]: finding["do"] for finding in found if finding["level"] == "bad"}
    assert code == 1
    assert set(bad) == {f"folder {photos}", "database"}
    assert all(bad.values())
