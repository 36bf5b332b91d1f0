"""What holds for every test."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.properties import ALL, FEW

# onnxruntime reports to its maker unless it is told not to before it is loaded
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# How long an example takes says how busy the machine is, and nothing about crispd.
settings.register_profile("few", deadline=None, max_examples=FEW)
settings.register_profile("all", deadline=None, max_examples=ALL)
settings.load_profile("few")  # --hypothesis-profile=all comes after it


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """A third of its time was a search for garbage among modules and tests, which all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()  # no later search looks through them again


@pytest.fixture(autouse=True)
def _log_level_as_it_was() -> Iterator[None]:
    """Commands that a test runs in its own process set it, and the next test wants its warnings."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
