"""What holds for every test."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# onnxruntime reports to its maker unless it is told not to before it is loaded
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# How long an example takes says how busy the machine is, and nothing about crispd.
settings.register_profile("crispd", deadline=None)
settings.load_profile("crispd")


@pytest.fixture(autouse=True)
def _log_level_as_it_was() -> Iterator[None]:
    """Commands that a test runs in its own process set it, and the next test wants its warnings."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
