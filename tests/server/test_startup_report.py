"""What a start says."""

from __future__ import annotations

import time

import pytest

from crispd.server.startup_report import StartupReport
from crispd.systemd.notify import Notifier
from tests.api.fake_service import FakeService


def test_it_says_where_once_callers_can_be_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs wait for the line, and read the token of this run then."""
    opened: list[bool] = []
    service = FakeService()
    service.start()
    report = StartupReport(
        service, "127.0.0.1", 8642, "/data", ["/photos"], Notifier.from_environment(),
        is_open=lambda: bool(opened),
    )  # fmt: skip
    report.start()
    try:
        time.sleep(0.2)
        before = capsys.readouterr().out
        opened.append(True)
        said, end = "", time.monotonic() + 20
        while "listening at" not in said and time.monotonic() < end:
            time.sleep(0.01)
            said += capsys.readouterr().out
    finally:
        report.stop()
    assert "listening" not in before
    assert "listening at http://127.0.0.1:8642" in said
