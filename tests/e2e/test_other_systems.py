"""The whole service on a system that is not Linux, as far as Linux can pretend that.

See ``other_system/sitecustomize.py``: Python says darwin, and has nothing of what Linux has alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import ALBUM, Server, environment_of

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack

FAKE = Path(__file__).parent / "other_system"
PYTHONPATH = f"{FAKE}:{ALBUM.parents[1]}"


def album(tmp_path: Path) -> tuple[Path, list[Path]]:
    """A folder of three photos, and photos to add."""
    photos = sorted(ALBUM.rglob("*.jpg"))
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in photos[:3]:
        shutil.copy(photo, folder)
    return folder, photos[3:6]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize(("observer", "mode"), [("polling", "events"), ("none", "polling")])
def test_a_service_elsewhere(tmp_path: Path, serve: Serve, observer: str, mode: str) -> None:
    folder, more = album(tmp_path)
    environment = {"PYTHONPATH": PYTHONPATH, "CRISPD_TEST_OBSERVER": observer}
    server = serve(folder, environment=environment, settle_seconds="0.2")
    assert server.settle()["photos"] == 3
    [root] = server.get("/folders")["folders"]
    assert root["watch"] == mode
    assert ("tells of no changes" in str(root["hint"])) is (mode == "polling")

    def catch_up() -> None:
        if mode == "polling":
            server.http.post("/folders/rescan").raise_for_status()

    shutil.copy(more[0], folder)
    catch_up()
    until(lambda: more[0].name in server.paths())
    (folder / more[0].name).rename(folder / "renamed.jpg")
    catch_up()
    until(lambda: "renamed.jpg" in server.paths() and more[0].name not in server.paths())
    (folder / "renamed.jpg").unlink()
    catch_up()
    until(lambda: len(server.paths()) == 3)

    [hit, *_] = server.get("/search", q="photo", min_relevance="all")["results"]
    original = server.http.get(hit["original"])
    assert original.content == (folder / hit["path"]).read_bytes()
    parts = server.http.get(hit["original"], headers={"Range": "bytes=0-9,20-29"})
    assert parts.status_code == 206
    assert original.content[20:30] in parts.content
    assert server.http.get(hit["thumbnail"]).headers["content-type"] == "image/jpeg"
    sent = server.http.post("/search", files={"image": more[1].read_bytes()})
    assert sent.status_code == 200, sent.text
    assert server.http.get("/metrics").status_code == 200
    assert server.status()["memory_mb"] is None
    assert not [line for line in server.lines if "Traceback" in line or "Warning" in line]


def test_a_second_service_where_the_data_were_taken_away(tmp_path: Path, serve: Serve) -> None:
    """The kernel has no names for sockets there: a file tells of the first one."""
    folder, _ = album(tmp_path)
    server = serve(folder, environment={"PYTHONPATH": PYTHONPATH, "TMPDIR": str(tmp_path)})
    server.settle()
    (tmp_path / "data").rename(tmp_path / "taken away")
    done = run(tmp_path, "serve", str(folder), TMPDIR=str(tmp_path), CRISPD_PORT="0")
    assert done.returncode == 1
    assert f"process {server.pid}" in done.stderr + done.stdout
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
    (tmp_path / "taken away").rename(tmp_path / "data")


def run(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command on that system."""
    return subprocess.run(
        [sys.executable, "-m", "crispd", *words],
        env=environment_of(tmp_path / "data") | {"PYTHONPATH": PYTHONPATH} | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


# One after the other in one process: to start Python and import everything takes a second of it.
COMMANDS = """
import json, sys
from crispd.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    for stream in (sys.stdout, sys.stderr):
        print(f"\\0{code}\\0", file=stream, flush=True, end="")
"""


def test_commands_elsewhere(tmp_path: Path, pack: dict[str, str]) -> None:
    folder, _ = album(tmp_path)
    commands = [
        ["index", str(folder)], ["search", "photo", "--json"], ["doctor"],
        ["install-service", str(folder)],
    ]  # fmt: skip
    environment = environment_of(tmp_path / "data", folders=str(folder), **pack)
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)], check=False, capture_output=True,
        text=True, timeout=120, env=environment | {"PYTHONPATH": PYTHONPATH},
    )  # fmt: skip
    said, errors = (text.split("\0")[:-1] for text in (done.stdout, done.stderr))
    assert said[1::2] == errors[1::2] == ["0", "0", said[5], "2"], done.stderr
    assert len(json.loads(said[2])["results"]) == 3
    assert "usable cores" in said[4], errors[4]
    assert "memory" in said[4]
    assert "max_user_watches" not in said[4]
    assert "Traceback" not in done.stderr
    assert "systemd" in errors[6]
