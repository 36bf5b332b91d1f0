"""The application over a fake house."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from crispd.server.application import create_app
from tests.api.documented import documented
from tests.api.fake_service import CONTENT, FakeService, record

HERE = "http://127.0.0.1"


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    """Started with the application."""
    path = tmp_path / "original.jpg"
    path.write_bytes(CONTENT)
    stat = path.stat()
    known = record(size=stat.st_size, mtime_ns=stat.st_mtime_ns)
    return FakeService(original_file=path, photo_record=known)


@pytest.fixture
def deaths() -> list[tuple[str, int]]:
    """What the application said when it could not go on."""
    return []


@pytest.fixture
def http(service: FakeService, deaths: list[tuple[str, int]]) -> Iterator[TestClient]:
    """A client of the started application."""
    app = create_app(service, "0.1.0", lambda *death: deaths.append(death))
    with TestClient(
        app, raise_server_exceptions=False, base_url=HERE, client=("127.0.0.1", 50000)
    ) as client:
        while not service.started:
            time.sleep(0.001)
        client.event_hooks["response"].append(documented)
        yield client
