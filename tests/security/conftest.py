"""Servers that ask for tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.security.server import Guarded

Start = Callable[..., Guarded]


@pytest.fixture(scope="session")
def start_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    running: list[Guarded] = []

    def start(**settings: str) -> Guarded:
        running.append(Guarded(tmp_path_factory.mktemp("guarded"), **settings))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def server(start_once: Start) -> Guarded:
    """One for a module."""
    return start_once()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Servers with settings of their own."""
    running: list[Guarded] = []

    def run(**settings: str) -> Guarded:
        running.append(Guarded(tmp_path / str(len(running)), **settings))
        return running[-1]

    yield run
    for one in running:
        one.stop()
