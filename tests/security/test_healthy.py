"""The container's health check before real servers, as an engine runs it."""

from __future__ import annotations

import subprocess
import sys

from tests.security.conftest import Start
from tests.security.server import ROOT, Guarded

CHECK = ROOT / "scripts" / "container" / "healthy.py"


def healthy(**environment: str) -> bool:
    """With a bare Python, as in the container."""
    command = [sys.executable, "-I", "-S", str(CHECK)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode == 0


def test_over_http(server: Guarded) -> None:
    assert healthy(CRISPD_PORT=str(server.port))
    assert not healthy(CRISPD_PORT="1")


def test_over_https(start: Start) -> None:
    """Named in the environment, and by a settings file, which the check cannot see."""
    server = start(tls="auto")
    assert healthy(CRISPD_PORT=str(server.port), CRISPD_TLS="auto")
    assert healthy(CRISPD_PORT=str(server.port))
