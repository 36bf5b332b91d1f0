"""What is not documented does not exist for anyone."""

from __future__ import annotations

import re
from pathlib import Path

from crispd.cli.app import app as cli
from crispd.config import Settings
from crispd.server.application import create_app
from tests.api.fake_service import FakeService

ROOT = Path(__file__).parent.parent


def test_every_setting_is_in_the_annotated_file_with_its_default() -> None:
    text = (ROOT / "config" / "crispd.toml").read_text()
    written = dict(re.findall(r"^# (\w+) = (.+)$", text, re.MULTILINE))
    assert set(written) == set(Settings.model_fields)
    for name in ("host", "port", "settle_seconds", "batch_size", "exact_below", "max_file_mb"):
        default = Settings.model_fields[name].default
        assert written[name].strip('"') == str(default)


def test_every_call_is_described() -> None:
    text = (ROOT / "docs" / "http.md").read_text()
    paths = create_app(FakeService(), "0", lambda reason, code: None).openapi()["paths"]
    missing = [
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if f"`{method.upper()} {path}`" not in text and method != "head"
    ]
    assert not missing


def test_every_command_is_described() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    names = [info.name or info.callback.__name__ for info in cli.registered_commands]
    assert names
    assert not [name for name in names if f"## `crispd {name}" not in text]


def test_attacks_that_are_said_to_be_tried_have_tests() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)`", text)
    assert len(named) > 8
    assert not [name for name in named if not (ROOT / name).is_file()]
    slow = {name for name in named if "slow" in (ROOT / name).read_text()}
    for line in text.splitlines():
        for name in re.findall(r"`(tests/[\w/]+\.py)` \*", line):
            assert name in slow
