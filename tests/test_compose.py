"""compose.yaml as podman-compose reads it, with a stand-in for Podman.

The stand-in writes down what it is told to do: a program that is not ours parses the file, fills in
its variables and makes options of its keys. That a container runs so is not tried here.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_PODMAN = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done | tr '\\n' '\\037' >>"$LOG"; echo >>"$LOG"
case $1 in
--version) echo "podman version 5.4.0" ;;
ps) echo "[]" ;;
inspect) exit 1 ;;
esac
"""


def compose(folder: Path, *words: str, **variables: str) -> tuple[str, list[list[str]]]:
    """What podman-compose says, and the calls of Podman that it made."""
    program = folder / "podman"
    program.write_text(_PODMAN)
    program.chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "podman_compose", *words],
        cwd=ROOT, env=environment | variables | {"LOG": str(folder / "log")},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    log = folder / "log"
    calls = log.read_text().splitlines() if log.exists() else []
    return done.stdout + done.stderr, [call.rstrip("\x1f").split("\x1f") for call in calls]


def create(calls: list[list[str]]) -> list[str]:
    [found] = [call for call in calls if call[0] == "create"]
    return found


def test_text_reaches_the_build(tmp_path: Path) -> None:
    for wanted in ("", "1"):
        _, calls = compose(tmp_path, "build", PHOTOS="/srv/photos", TEXT=wanted)
        [build] = [call for call in calls[-2:] if call[0] == "build"]
        has(build, f"--build-arg TEXT={wanted}")


def has(command: list[str], *options: str) -> None:
    text = f" {shlex.join(command)} "
    for option in options:
        assert f" {option} " in text, option


def test_every_fence_reaches_podman(tmp_path: Path) -> None:
    said, calls = compose(tmp_path, "up", "-d", PHOTOS="/srv/my photos")
    assert "rror" not in said, said
    command = create(calls)
    has(
        command, "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges:true",
        "--group-add 8642", "-p 127.0.0.1:8642:8642", "-m 2g", "--cpu-shares 512",
        "--pids-limit 256", "--init", "--restart unless-stopped",
        "--tmpfs /tmp:size=64m,mode=1777,noexec,nosuid,nodev",
    )  # fmt: skip
    assert "/srv/my photos:/photos:rslave,ro" in command
    assert any("destination=/data" in word and "type=volume" in word for word in command)
    assert "--privileged" not in command
    assert command[-1] == "crispd"
    assert [call[-1] for call in calls if call[0] == "build"] == [str(ROOT)]


def test_variables(tmp_path: Path) -> None:
    _, calls = compose(tmp_path, "up", "-d", PHOTOS="/p", PHOTOS_GROUP="1234", MEMORY="512m")
    has(create(calls), "--group-add 1234", "-m 512m", "-v /p:/photos:rslave,ro")


def test_without_photos_it_says_what_is_missing(tmp_path: Path) -> None:
    said, calls = compose(tmp_path, "up", "-d")
    assert "the folder of your photos, such as PHOTOS=/srv/photos" in said
    assert not [call for call in calls if call[0] in {"create", "build"}]


@pytest.mark.parametrize("key", ["read_only", "cap_drop", "pids_limit"])
def test_a_key_with_a_slip_would_be_seen(key: str, tmp_path: Path) -> None:
    """What the first test relies on: a fence that is spelt wrong does not reach Podman."""
    text = (ROOT / "compose.yaml").read_text()
    assert f"    {key}:" in text
    (tmp_path / "Dockerfile").touch()
    file = tmp_path / "compose.yaml"
    file.write_text(text.replace(f"    {key}:", f"    {key}x:"))
    _, calls = compose(tmp_path, "-f", str(file), "up", "-d", PHOTOS="/p")
    option = {"read_only": "--read-only", "cap_drop": "--cap-drop", "pids_limit": "--pids-limit"}
    assert option[key] not in create(calls)
