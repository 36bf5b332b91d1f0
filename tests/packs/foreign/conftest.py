"""Folders of each layout, made once a run; and probes in this process where no test is of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crispd.packs.foreign import examine, probe, write


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs run here: what makes a pack is the same, and a process takes a second to start."""

    def run(folder: Path, table: dict[str, Any], size: int) -> examine.Examined:
        return examine.checked(json.loads(json.dumps(probe.examine(folder, table))))

    monkeypatch.setattr(write, "examine", run)
