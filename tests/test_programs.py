"""No test fails for want of a program of others that nothing names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.programs import DEBIAN

TESTS = Path(__file__).parent
ROOT = TESTS.parent
# In every Debian with Python, even the smallest (dash, mount, coreutils), or asked for in a way of
# its own (tests/browser). crispd itself is not another's.
_ALWAYS = {"mount", "umount", "sh", "crispd", "python3"}
_STARTED = re.compile(r"subprocess\.(?:run|Popen)\(\s*\[\s*\"([\w.-]+)\"")
# The first words of commands in blocks of shell in the documents that tests run.
_IN_SHELL = re.compile(r"(?:^|\| |\$\()([a-z][\w-]+)(?![\w=-])", re.MULTILINE)
_NO_PROGRAMS = {"for", "do", "done", "while", "read", "if", "then", "fi", "cat", "echo", "tee"}


def test_every_program_that_a_test_starts_is_named() -> None:
    started = {
        name
        for path in TESTS.rglob("*.py")
        for name in _STARTED.findall(path.read_text())
        if path != Path(__file__)
    }
    assert "unshare" in started  # what is looked for is found
    assert not started - set(DEBIAN) - _ALWAYS


def test_every_program_of_the_documented_commands_is_named() -> None:
    page = (ROOT / "docs" / "integrations.md").read_text()
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    words = {word for block in blocks for word in _IN_SHELL.findall(block)}
    assert {"curl", "jq"} <= words
    assert not words - set(DEBIAN) - _ALWAYS - _NO_PROGRAMS


def test_the_preflight_names_what_is_missing(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "preflight.sh"
    done = subprocess.run(
        ["/bin/sh", str(script), "test"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    for program, package in DEBIAN.items():
        assert f" {program} " in done.stderr
        assert re.search(rf"apt install.* {package}\b", done.stderr)
    assert len(done.stderr.splitlines()) == 1
