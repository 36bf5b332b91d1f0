"""Where the collections lie: ``CRISPD_TEST_DATA=/path pytest -m data``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def collections() -> Path:
    """The folder with ``flickr8k`` and ``everyday``."""
    given = os.environ.get("CRISPD_TEST_DATA")
    if not given:
        pytest.skip("CRISPD_TEST_DATA names no folder with photo collections")
    return Path(given)
