"""Indexing by previews, as Immich does it.

``python -m benchmarks.indexing.peers_indexing.preview_path``.

Each photo is decoded, re-encoded as a preview (JPEG of 1440 pixels) and a thumbnail (WebP of 250),
and the preview is sent to the service in a call of its own, whose vector goes into SQLite; Immich
has PostgreSQL there, which takes longer. Three photos are decoded at a time and two sent, as Immich
comes. Immich decodes with libvips, here it is Pillow: ``whole`` in full size, ``scaled`` by the DCT
to no less than the preview, as libvips can with JPEGs.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from benchmarks.searching.service_speed import processor_seconds

PREVIEW, THUMBNAIL = 1440, 250
_DECODING, _SENDING = 3, 2
_QUALITY = 80


def previewed(path: Path, target: Path, *, scaled: bool) -> Path:
    """A preview and a thumbnail of a photo; the preview's file."""
    with Image.open(path) as image:
        if scaled:
            image.draft("RGB", (PREVIEW, PREVIEW))
        picture = image.convert("RGB")
    preview = target / f"{path.stem}.jpg"
    picture.thumbnail((PREVIEW, PREVIEW), Image.Resampling.LANCZOS, reducing_gap=None)
    picture.save(preview, "JPEG", quality=_QUALITY)
    picture.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS, reducing_gap=None)
    picture.save(target / f"{path.stem}.webp", "WEBP", quality=_QUALITY)
    return preview


def run(photos: Path, job: dict[str, Any], *, scaled: bool) -> dict[str, float]:
    """Photos, and seconds of the clock and of the processor, of the service too."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.indexing.peers_indexing.preview_service"]
    service = subprocess.Popen([*command, json.dumps(job), str(port)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            _wait(client)
            return _indexed(photos, client, service.pid, scaled=scaled)
    finally:
        service.terminate()
        service.wait()


def _indexed(photos: Path, client: httpx.Client, service: int, *, scaled: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch)
        database = sqlite3.connect(target / "vectors.sqlite3")
        database.execute("CREATE TABLE vectors (path TEXT PRIMARY KEY, vector TEXT)")

        def send(preview: Path) -> tuple[str, str]:
            form = {"entries": json.dumps({"clip": {"visual": {"modelName": "mini"}}})}
            answer = client.post("/predict", data=form, files={"image": preview.read_bytes()})
            return preview.stem, answer.raise_for_status().json()["clip"]

        clock, cpu = time.perf_counter(), time.process_time() + processor_seconds(service)
        with ThreadPoolExecutor(_DECODING) as decoding, ThreadPoolExecutor(_SENDING) as sending:
            made = [
                decoding.submit(previewed, path, target, scaled=scaled)
                for path in sorted(photos.iterdir())
            ]
            sent = [sending.submit(send, each.result()) for each in made]
            for each in sent:
                with database:
                    database.execute("INSERT INTO vectors VALUES (?, ?)", each.result())
        clock = time.perf_counter() - clock
        cpu = time.process_time() + processor_seconds(service) - cpu
        database.close()
    return {"photos": len(sent), "clock": clock, "cpu": cpu}


def _wait(client: httpx.Client) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            client.get("/docs")
        except httpx.ConnectError:
            assert time.monotonic() < end, "the service did not start"
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    found = run(Path(sys.argv[1]), json.loads(sys.argv[2]), scaled=sys.argv[3] == "scaled")
    print(json.dumps(found))
