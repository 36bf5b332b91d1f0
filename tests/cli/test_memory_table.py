"""``crispd doctor --memory``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crispd.cli.doctor import show_memory
from crispd.config import Settings
from crispd.default_data_dir import DATABASE
from crispd.service.memory_table import MemoryHolder
from crispd.store.database import Database


def test_what_grows_is_calculated_and_the_rest_stays() -> None:
    assert MemoryHolder("models", 80.0, 20.0).with_photos(1_000_000) == (80.0, 20.0)
    growing = MemoryHolder("vectors", 1.0, 5.0, memory_bytes=2**20, files_bytes=2**21)
    assert growing.with_photos(10) == (10.0, 20.0)


def test_an_empty_library_is_measured_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Database.open(tmp_path / DATABASE).close()
    before = (tmp_path / DATABASE).read_bytes()
    show_memory(Settings(data_dir=tmp_path), as_json=True)
    found = json.loads(capsys.readouterr().out)
    by_name = {holder["name"]: holder for holder in found["holders"]}
    assert found["photos"] == 0
    assert by_name["Python and libraries"]["memory_mb"] > 30
    assert by_name["models"]["with"]["1000000"] == by_name["models"]["with"]["1000"]
    [_, vectors] = by_name["vectors"]["with"]["1000000"]
    assert 500 < vectors < 2000
    assert (tmp_path / DATABASE).read_bytes() == before
    show_memory(Settings(data_dir=tmp_path), as_json=False)
    assert "1,000,000 photos" in capsys.readouterr().out
