"""One entry of the table is a whole filter: HTTP, ``q``, columns, command, client, page have it."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crispd.filters.table import FILTERS
from tests.client.test_sync_client import words

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What a service with one entry more says of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.filters.made_up"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_http_takes_it(said: dict[str, Any]) -> None:
    assert said["http"] == {
        "asked": [300, 400, 500], "refused": 400, "openapi": "Pixels at most."
    }  # fmt: skip


def test_words_take_it(said: dict[str, Any]) -> None:
    assert said["words"] == {
        "words": "dog",
        "has": [300],
        "leaves_out": [200],
        "told": [
            ["max_width", "at most 300 pixels wide", False, {"max_width": 300}],
            ["max_width", "at most 200 pixels wide", True, {"max_width": 200}],
        ],
    }


def test_columns_are_asked(said: dict[str, Any]) -> None:
    assert said["found"] == [3]


def test_the_command_takes_it(said: dict[str, Any]) -> None:
    assert said["command"]["asked"] == [300, "png"]
    assert said["command"]["refused"] == 2
    assert "Pixels at most." in said["command"]["help"]


def test_the_client_and_the_page_have_it(said: dict[str, Any]) -> None:
    assert (said["client"], said["page"]) == ("int", True)


def test_the_client_is_what_is_made_now() -> None:
    """make client when this fails."""
    script = runpy.run_path(str(ROOT / "scripts" / "filter_options.py"))
    assert words(script["TARGET"].read_text(encoding="utf-8")) == words(script["filter_options"]())


def test_names_in_q_are_nobody_elses() -> None:
    names = [name for entry in FILTERS.values() for name in entry.operators.split()]
    assert len(names) == len(set(names))
    assert not set(names) & {"until", "till", "date", "size", "mp", "like", "similar"}
