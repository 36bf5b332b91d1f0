"""A data folder that cannot be written does not keep crispd from answering."""

from __future__ import annotations

from pathlib import Path

import pytest

from crispd.api.auth import household, tokens
from crispd.api.auth.door import Place
from crispd.api.auth.household import LocalToken, make_door, signing_key
from crispd.api.auth.rules import Rules
from tests.api.fake_house import FakeHouse


def test_it_opens_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tokens.os, "open", full)
    local = LocalToken(tmp_path)
    door = make_door(Rules(), FakeHouse(), signing_key(tmp_path), local, Place())
    door.load()
    local.remove()
    assert door.devices() == []
    assert not (tmp_path / household.LOCAL_TOKEN).exists()


def test_the_token_of_another_run_stays(tmp_path: Path) -> None:
    """A second start on the same data folder, which ends at its lock, takes nothing away."""
    first, second = LocalToken(tmp_path), LocalToken(tmp_path)
    first.write()
    second.remove()
    assert (tmp_path / household.LOCAL_TOKEN).read_text().strip() == first.text
