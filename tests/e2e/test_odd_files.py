"""Names, times and links that file systems allow and few people expect."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.e2e.server import Server, command
from tests.e2e.tiny import picture
from tests.packs import small

Serve = Callable[..., Server]
NAMES = [
    b"caf\xe9 \xff.bmp", "日本 😀.bmp".encode(), b"new\nline.bmp", b"tab\there.bmp",
    b"quote\"'.bmp", b"%41 ?#&.bmp", b"back\\slash.bmp", b" blank .bmp", b"-rf.bmp",
    b"\x1b[2J.bmp", b"n" * 251 + b".bmp",
    "e\u0301.bmp".encode(), "\u00e9.bmp".encode(), b"UPPER.BMP",
]  # fmt: skip


def test_odd_names_times_and_links(tmp_path: Path, serve: Serve) -> None:
    photos, data = tmp_path / "photos", tmp_path / "data"
    small.write_pack(tmp_path / "pack")
    odd = Path(os.fsdecode(os.fsencode(photos) + b"/f\xf6lder"))
    odd.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        (odd / os.fsdecode(name)).write_bytes(picture(number))
    times = {"future": 4e9, "1970": 0.0, "before": -1e9, "far": 2.5e11}
    for number, (name, moment) in enumerate(times.items()):
        path = photos / f"{name}.bmp"
        path.write_bytes(picture(100 + number))
        os.utime(path, (moment, moment))
    os.link(photos / "future.bmp", photos / "hard link.bmp")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.bmp").write_bytes(picture(200))
    (photos / "escape").symlink_to(tmp_path / "outside")
    (photos / "escape.bmp").symlink_to(tmp_path / "outside" / "secret.bmp")
    (photos / "loop").symlink_to(photos)

    server = serve(photos, pack=str(tmp_path / "pack"))
    status = server.settle()
    count = len(NAMES) + len(times)
    assert (status["photos"], status["encoded"], status["failed"]) == (count + 1, count, 0)
    hits = server.get("/search", q="red", limit=200, min_relevance="all")["results"]
    assert len(hits) == count + 1
    for hit in hits:
        assert server.http.get(hit["original"]).status_code == 200
        assert server.http.get(hit["thumbnail"]).status_code == 200
        assert server.get(f"/photos/{hit['id']}")["taken_at"]
        assert "secret" not in hit["path"]
    done = command(data, "search", "red", "--limit", 200, "--url", server.http.base_url)
    assert (done.returncode, "\x1b" in done.stdout) == (0, False), done.stderr
    json.dumps(hits).encode()

    (photos / "1970.bmp").rename(photos / "1970.BMP")  # only the case
    (photos / "part").write_bytes(picture(300))
    (photos / "part").replace(photos / "before.bmp")
    (photos / "hard link.bmp").unlink()
    odd.rename(Path(os.fsdecode(os.fsencode(photos) + b"/\xfe")))
    shutil.copy2(photos / "far.bmp", photos / "copy.bmp")
    server.until(lambda now: now["encoded"] == count + 1, 20)
    server.until(lambda now: "copy.bmp" in server.paths() and "1970.BMP" in server.paths(), 20)
    status = server.settle()
    assert (status["photos"], status["encoded"], status["failed"]) == (count + 1, count + 1, 0)
    known = server.paths()
    assert {"1970.BMP", "copy.bmp"} <= known
    assert not {"1970.bmp", "hard link.bmp"} & known
    assert not [path for path in known if path.startswith("f\ufffdlder")]
    (photos / "1970.BMP").unlink()
    server.until(lambda now: now["photos"] == count, 10)
    assert server.stop() == 0
    assert "Traceback" not in "".join(server.lines)


def test_what_was_too_large_is_looked_at_again_when_limits_change(
    tmp_path: Path, serve: Serve
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    small.write_pack(tmp_path / "pack")
    Image.new("RGB", (1500, 1000), "teal").save(photos / "large.png")
    (photos / "broken.png").write_bytes(b"no picture")
    pack = str(tmp_path / "pack")
    server = serve(photos, pack=pack, max_megapixels="1")
    assert (server.settle()["photos"], server.settle()["failed"]) == (0, 2)
    server.stop()
    server = serve(photos, pack=pack)
    server.until(lambda status: status["photos"] == 1, 30)
    assert [each["code"] for each in server.get("/problems")["problems"]] != ["too_large"]
