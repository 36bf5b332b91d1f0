"""A hub and a worker: two processes over loopback, with a token that lets it encode."""

from __future__ import annotations

import base64
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import numpy as np
import pytest

from crispd.client import Client, CrispdClientError
from tests.e2e.server import Server, environment_of
from tests.pack_switch.conftest import picture
from tests.pack_switch.opposite import opposite_of_mini
from tests.processes import client

PHOTOS = 160


def vectors(data: Path, pack: str) -> dict[str, np.ndarray]:
    with closing(sqlite3.connect(data / "crispd.sqlite3", timeout=20)) as database:
        rows = database.execute(
            "SELECT content_hash, vector FROM embeddings WHERE pack = ?", (pack,)
        ).fetchall()
    return {content: np.frombuffer(vector, "<f4") for content, vector in rows}


@dataclass
class House:
    """A hub whose photos are not there yet, and the token of a worker."""

    hub: Server
    data: Path
    photos: Path
    device: dict[str, Any]
    hub_pack: str = ""

    @property
    def url(self) -> str:
        return str(self.hub.http.base_url).rstrip("/")

    @property
    def narrow(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.device['token']}"}

    def bring_photos(self) -> None:
        """All at once."""
        folder = self.photos.with_name("new")
        folder.mkdir()
        for number in range(PHOTOS):
            (folder / f"{number:03}.bmp").write_bytes(picture(number))
        folder.rename(self.photos / "all")

    def until(self, pack: str, *, stop_when: Any = None) -> dict[str, int]:
        """Until all photos are answered by it; how many each worker has encoded."""
        counts: dict[str, int] = {}
        end = time.monotonic() + 240
        while True:
            status, found = self.hub.status(), self.hub.get("/packs")
            counts |= found["workers"]
            if status["pack"].startswith(pack) and status["photos"] == PHOTOS:
                return counts
            assert time.monotonic() < end, (status, found["switch"])
            if stop_when is not None and counts.get("desk", 0) > 0:
                stop_when()
                stop_when = None
            time.sleep(0.05)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    photos, data = tmp_path / "photos", tmp_path / "data"
    photos.mkdir()
    hub = Server(
        data, photos, pack="mini", auth="required", thumbnails_ahead="false",
        settle_seconds="0.05", encode_threads="1",
    )  # fmt: skip
    token = (data / "local-token").read_text().strip()
    hub.http.headers["authorization"] = f"Bearer {token}"
    made = hub.http.post("/devices", json={"name": "desk", "scopes": ["encode"]}).json()
    yield House(hub, data, photos, made)
    hub.stop()


@contextmanager
def working(house: House, desk: Path) -> Iterator[tuple[client.Process, IO[bytes]]]:
    output = tempfile.TemporaryFile()  # noqa: SIM115
    worker = client.start(
        "crispd", "worker", "--hub", house.url, "--name", "desk",
        environment=environment_of(desk, token=house.device["token"], encode_threads="1"),
        out=output,
    )  # fmt: skip
    try:
        yield worker, output
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait(10)
        output.seek(0)
        said = output.read().decode()
        output.close()
    assert "Traceback" not in said
    assert "Encodes by mini@" in said


def own_vectors(tmp_path: Path, photos: Path) -> dict[str, np.ndarray]:
    """Of a service that has no workers."""
    data = tmp_path / "alone"
    alone = Server(data, photos, pack="mini", thumbnails_ahead="false", settle_seconds="0.05")
    try:
        alone.until(lambda status: status["photos"] == PHOTOS, 240)
        return vectors(data, alone.status()["pack"])
    finally:
        alone.stop()


def nearly(one: dict[str, np.ndarray], other: dict[str, np.ndarray], sign: int = 1) -> None:
    """int8 graphs round otherwise in batches of another length."""
    assert set(one) == set(other)
    assert min(float(one[content] @ other[content]) * sign for content in one) > 0.99


@pytest.mark.slow
def test_a_first_indexing_and_a_change_of_the_pack(house: House, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    for data in (house.data, desk):
        (data / "packs").mkdir(parents=True, exist_ok=True)
        opposite_of_mini(data / "packs" / "other")
    assert httpx.get(f"{house.url}/packs", headers=house.narrow).status_code == 403
    assert httpx.get(f"{house.url}/search?q=dog", headers=house.narrow).status_code == 403
    lie(house.url, house.narrow)
    with working(house, desk) as (worker, _):
        house.hub.until(lambda _: "desk" in house.hub.get("/packs")["workers"], 60)
        house.bring_photos()
        counts = house.until("mini")
        pack = house.hub.status()["pack"]
        print(f"first indexing: {counts} of {PHOTOS} by workers")
        assert counts["desk"] >= 16
        assert house.hub.http.post("/packs/other/use").status_code == 202
        end = time.monotonic() + 240
        while house.hub.status()["pack"] == pack:
            assert time.monotonic() < end, house.hub.get("/packs")["switch"]
            time.sleep(0.05)
        more = house.hub.get("/packs")["workers"]["desk"] - counts["desk"]
        print(f"change of the pack: {more} of {PHOTOS} by workers")
        assert more >= 16
        assert house.hub.http.delete(f"/devices/{house.device['id']}").is_success
        assert worker.wait(40) == 1
    first = vectors(house.data, pack)
    nearly(first, vectors(house.data, house.hub.status()["pack"]), -1)
    nearly(first, own_vectors(tmp_path, house.photos))


@pytest.mark.slow
def test_workers_that_are_killed_lie_and_never_answer(house: House, tmp_path: Path) -> None:
    stop = threading.Event()

    def take(name: str, give: bool) -> None:
        """Takes all that it gets, and gives wrong vectors or nothing."""
        with Client(house.url, token=house.device["token"]) as asking:
            try:
                while not stop.is_set():
                    job = asking.encode_jobs(name, house.hub_pack, 1).job
                    if job is not None and give:
                        wrong = np.full((job.count, 96), 1, "<f4") / np.sqrt(96, dtype="<f4")
                        asking.give_encoded(
                            name, job.lease, job.count, base64.b64encode(wrong.tobytes()).decode()
                        )
            except CrispdClientError as error:
                refusals.append(str(error))

    refusals: list[str] = []
    house.hub_pack = house.hub.status()["pack"]
    others = [threading.Thread(target=take, args=two) for two in (("liar", True), ("mute", False))]
    with working(house, tmp_path / "desk") as (worker, _):
        house.hub.until(lambda _: "desk" in house.hub.get("/packs")["workers"], 60)
        for other in others:
            other.start()
        house.bring_photos()
        counts = house.until("mini", stop_when=worker.kill)
    stop.set()
    for other in others:
        other.join()
    print(counts)
    assert refusals == [
        refusal for refusal in refusals if "not those that the hub makes" in refusal
    ]
    assert len(refusals) <= 1
    nearly(vectors(house.data, house.hub.status()["pack"]), own_vectors(tmp_path, house.photos))


def lie(url: str, headers: dict[str, str]) -> None:
    """What is not lent cannot be given back."""
    body = {"worker": "liar", "lease": "none", "count": 1, "embeddings": "AACAPw=="}
    assert httpx.post(f"{url}/encode/results", json=body, headers=headers).status_code == 404
    body = {"worker": "liar", "lease": "none"}
    assert httpx.post(f"{url}/encode/heartbeat", json=body, headers=headers).status_code == 404
