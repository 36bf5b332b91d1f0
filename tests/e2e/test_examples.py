"""The OpenAPI's examples are what a real house answers today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crispd.api.openapi import examples
from tests.e2e.examples import recorded


def test_a_real_house_answers_the_same(tmp_path: Path) -> None:
    found, shown = recorded(tmp_path), examples()
    assert shape(found["calls"]) == shape(shown["calls"])
    assert set(found["problems"]) == set(shown["problems"])
    for status, problem in found["problems"].items():
        assert problem["detail"] == shown["problems"][status]["detail"], status


def shape(value: Any) -> Any:
    """The names in it; of a list those of its first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return None
