"""Folders of real photos and processes that end with their test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.indexed import IndexedAlbum, copy_of_album
from tests.e2e.server import Server


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The contract is slow to collect, too: where no slow test is asked for, it is left alone."""
    contract = collection_path.name == "test_contract.py"
    named = any("test_contract" in argument for argument in config.args)
    return True if contract and not named and "not slow" in config.option.markexpr else None


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A copy of the sample album."""
    return copy_of_album(tmp_path / "photos")


@pytest.fixture(scope="session")
def indexed_album(tmp_path_factory: pytest.TempPathFactory) -> IndexedAlbum:
    """Copies of an album that is indexed already."""
    base = tmp_path_factory.getbasetemp()
    beside_workers = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return IndexedAlbum(beside_workers / "indexed")


@pytest.fixture
def indexed(photos: Path, tmp_path: Path, indexed_album: IndexedAlbum) -> None:
    """The data folder of ``serve`` is that of a crispd that has read ``photos``."""
    indexed_album.copy(photos, tmp_path / "data")


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
