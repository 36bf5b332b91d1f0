"""Bad files, kill -9, and a data folder in use."""

from __future__ import annotations

import os
import random
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.server import ALBUM, Server, command

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack


def bomb(side: int) -> bytes:
    """A PNG of side x side black pixels, small as a file."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)


@pytest.mark.usefixtures("indexed")
def test_every_bad_file_has_its_own_reason(photos: Path, serve: Serve) -> None:
    whole = (ALBUM / "coffee_cup.jpg").read_bytes()
    (photos / "text.jpg").write_text("Dear diary, today I wrote a text file.")
    (photos / "empty.jpg").touch()
    (photos / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "bomb.png").write_bytes(bomb(30_000))
    (photos / "folder.jpg").mkdir()
    (photos / "loop").symlink_to(photos, target_is_directory=True)
    (photos / "nowhere.jpg").symlink_to(photos / "missing.jpg")
    os.mkfifo(photos / "pipe.jpg")
    shutil.copy(ALBUM / "rocket.jpg", Path(os.fsdecode(os.fsencode(photos) + b"/caf\xe9.jpg")))
    # Seen as hopelessly old: a cut-off file that is young is waited for.
    os.utime(photos / "truncated.jpg", (0, 0))
    locked = os.geteuid() != 0
    if locked:
        shutil.copy(ALBUM / "grass.jpg", photos / "locked.jpg")
        (photos / "locked.jpg").chmod(0)

    server = serve(photos)
    status = server.settle()
    problems = server.get("/problems")
    codes = {item["path"]: item["code"] for item in problems["problems"]}
    expected = {
        "text.jpg": "unsupported",
        "empty.jpg": "empty",
        "truncated.jpg": "truncated",
        "bomb.png": "too_large",
        **({"locked.jpg": "permission"} if locked else {}),
    }
    assert codes == expected
    assert problems["total"] == status["failed"] == len(expected)
    reasons = {item["reason"] for item in problems["problems"]}
    assert len(reasons) == len(expected)
    good = {path.name for path in ALBUM.glob("*.jpg")} | {"caf\ufffd.jpg"}
    assert server.paths() == good
    found = server.hits()["caf\ufffd.jpg"]
    assert server.http.get(found["original"]).content == (ALBUM / "rocket.jpg").read_bytes()

    shutil.copy(ALBUM / "cat_chelsea.jpg", photos / "empty.jpg")  # mended: it is tried again
    server.until(lambda now: now["failed"] == len(expected) - 1, 5)
    assert server.http.post("/problems/retry").json() == {"started": len(expected) - 1}
    server.settle()
    assert server.get("/problems")["total"] == len(expected) - 1


def many_photos(folder: Path, count: int, first: int = 0) -> None:
    """Photos with contents of their own, numbered from ``first`` to ``count``."""
    sources = sorted(ALBUM.glob("*.jpg"))
    for number in range(first, count):
        with Image.open(sources[number % len(sources)]) as image:
            small = image.convert("RGB").resize((160 + number % 7, 120 + number // 7))
        small.save(folder / f"{number:03}.jpg", quality=70)


# Another moment is as good, and tests/e2e/test_kills.py kills at five more.
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_kill_9_while_indexing(tmp_path: Path, serve: Serve, seed: int) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    wait = random.Random(seed)
    encoded = 0
    for round_ in range(3):
        # Photos that are new to each start: a fast machine is through with the earlier ones.
        many_photos(folder, 50 * (round_ + 1), first=50 * round_)
        server = serve(folder)
        goal = wait.randint(1, 40)
        encoded += server.until(lambda s, goal=goal: s["encoded"] >= goal, 30)["encoded"]
        server.kill()
    server = serve(folder)
    last = server.settle()
    assert last["photos"] == last["index_vectors"] == 150
    assert server.paths() == {f"{number:03}.jpg" for number in range(150)}
    # What is encoded twice was in flight when the process was killed: a batch being encoded, and
    # batches that waited for their commit. The counter itself is read a moment before the kill,
    # so more may have been committed than counted, never less.
    assert encoded + last["encoded"] <= 150 + 3 * 8


@pytest.mark.usefixtures("indexed")
def test_one_service_a_data_folder(photos: Path, serve: Serve, tmp_path: Path) -> None:
    serve(photos)
    second = command(tmp_path / "data", "index", photos)
    assert second.returncode == 1
    assert "Another crispd" in second.stderr


@pytest.mark.usefixtures("indexed")
def test_a_taken_port_and_a_missing_folder_are_said_in_one_line(
    photos: Path, serve: Serve, tmp_path: Path
) -> None:
    server = serve(photos)
    port = str(server.http.base_url.port)
    for arguments, sentence in (
        (["serve", str(photos), "--port", port], "CRISPD_PORT"),
        (["serve", str(photos / "nowhere"), "--port", "0"], "There is no folder"),
        (["index", str(photos / "nowhere")], "There is no folder"),
        (["index"], "No photo folder is given"),
    ):
        done = command(tmp_path / "other", *arguments)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
