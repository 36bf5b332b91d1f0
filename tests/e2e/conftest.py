"""Folders of real photos and processes that end with their test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.indexed import IndexedAlbum, copy_of_album
from tests.e2e.server import Server
from tests.packs import small


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
def beside_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the workers of one run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def indexed_album(beside_workers: Path) -> IndexedAlbum:
    """Copies of an album that is indexed already."""
    return IndexedAlbum(beside_workers / "indexed")


@pytest.fixture(scope="session")
def small_pack(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a crispd with a pack of a few kilobytes: it starts in a third of the time."""
    folder = tmp_path_factory.mktemp("small") / "pack"
    small.write_pack(folder)
    return {"pack": str(folder)}


@pytest.fixture(scope="session")
def small_album(beside_workers: Path, small_pack: dict[str, str]) -> IndexedAlbum:
    """The same, read with the small pack."""
    return IndexedAlbum(beside_workers / "indexed-small", **small_pack)


@pytest.fixture
def pack(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of ``serve``: nothing, or those of the small pack where a test is marked so."""
    marked = request.node.get_closest_marker("small_pack")
    return request.getfixturevalue("small_pack") if marked else {}


@pytest.fixture
def indexed(photos: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The data folder of ``serve`` is that of a crispd that has read ``photos``."""
    album = "small_album" if request.node.get_closest_marker("small_pack") else "indexed_album"
    request.getfixturevalue(album).copy(photos, tmp_path / "data")


@pytest.fixture
def serve(tmp_path: Path, pack: dict[str, str]) -> Iterator[Callable[..., Server]]:
    """Start a server over folders; what still runs at the end is stopped."""
    started: list[Server] = []

    def start(*folders: Path, **settings: Any) -> Server:
        server = Server(tmp_path / "data", *folders, **{**pack, **settings})
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
