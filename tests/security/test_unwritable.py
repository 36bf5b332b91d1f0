"""A data folder that cannot be written does not keep crispd from answering."""

from __future__ import annotations

from pathlib import Path

import pytest

from crispd.auth import local_credentials, tokens
from crispd.auth.access_control import ServerAddress
from crispd.auth.access_policy import AccessPolicy
from crispd.auth.local_credentials import LocalToken, make_access_control, signing_key
from tests.api.fake_service import FakeService


def test_it_opens_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tokens.os, "open", full)
    local = LocalToken(tmp_path)
    access_control = make_access_control(
        AccessPolicy(), FakeService(), signing_key(tmp_path), local, ServerAddress()
    )
    access_control.load()
    local.remove()
    assert access_control.devices() == []
    assert not (tmp_path / local_credentials.LOCAL_TOKEN).exists()


def test_the_token_of_another_run_stays(tmp_path: Path) -> None:
    """A second start on the same data folder, which ends at its lock, takes nothing away."""
    first, second = LocalToken(tmp_path), LocalToken(tmp_path)
    first.write()
    second.remove()
    assert (tmp_path / local_credentials.LOCAL_TOKEN).read_text().strip() == first.text
