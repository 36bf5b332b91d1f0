"""Folders of real photos and processes that end with their test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import ALBUM, Server


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A copy of the sample album."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in ALBUM.glob("*.jpg"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server over folders; what still runs at the end is stopped."""
    started: list[Server] = []

    def start(*folders: Path, **settings: Any) -> Server:
        server = Server(tmp_path / "data", *folders, **settings)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
