"""Whatever the umask it is started with, nobody else reads what crispd keeps."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import Server, command
from tests.e2e.test_doctor import doctor

Serve = Callable[..., Server]


def opened(folder: Path) -> list[str]:
    return [str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


@pytest.mark.small_pack
def test_private_however_it_is_started(
    photos: Path, serve: Serve, tmp_path: Path, pack: dict[str, str]
) -> None:
    data = tmp_path / "data"
    before = os.umask(0)
    try:
        server = serve(photos, tls="auto")
        server.settle()
        hit = server.get("/search", q="a cat", min_relevance="all")["results"][0]
        server.http.get(hit["thumbnail"], params={"size": 1280})
        assert opened(data) == []
        assert command(data, "backup", str(tmp_path / "copy")).returncode == 0
        assert not (tmp_path / "copy").stat().st_mode & 0o077
        server.stop()
        assert opened(data) == []

        for path in (data, *data.rglob("*")):  # as an older version made them
            path.chmod(0o755 if path.is_dir() else 0o644)
        privacy = {f["what"]: f["level"] for f in doctor(data, str(photos), **pack)[1]}["privacy"]
        assert privacy == "warning"
        server = serve(photos, tls="auto")
        server.settle()
        end = time.monotonic() + 10
        while opened(data) and time.monotonic() < end:
            time.sleep(0.1)
        assert opened(data) == []
        assert {f["what"]: f["level"] for f in doctor(data, str(photos), **pack)[1]}[
            "privacy"
        ] == "good"
    finally:
        os.umask(before)
