"""Programs of others that tests run. Where one is missing its tests are skipped, and say why."""

from __future__ import annotations

import shutil

import pytest

# Each with the Debian package that has it; scripts/preflight.sh names the same.
DEBIAN = {
    "bash": "bash",
    "curl": "curl",
    "git": "git",
    "ip": "iproute2",
    "jq": "jq",
    "make": "make",
    "node": "nodejs",
    "npm": "npm",
    "nsenter": "util-linux",
    "systemd-analyze": "systemd",
    "unshare": "util-linux",
}


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skips a test where one of them is missing."""
    return pytest.mark.skipif(bool(missing(*programs)), reason=why(*programs))


def missing(*programs: str) -> list[str]:
    """Those that are not on the path."""
    return [name for name in programs if shutil.which(name) is None]


def why(*programs: str) -> str:
    """What to install."""
    packages = sorted({DEBIAN[name] for name in programs})
    return f"needs {', '.join(programs)}: apt install {' '.join(packages)}"
