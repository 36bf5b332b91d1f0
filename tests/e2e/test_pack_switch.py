"""A change of the pack of a real process, while it is asked without a pause and killed."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import Server
from tests.pack_switch.conftest import COLOURS, picture, write
from tests.pack_switch.opposite import opposite_of_mini

_DATA = Path(os.environ.get("CRISPD_TEST_DATA", "/nowhere"))


class House:
    """A server that is killed and started again, and clients that never pause.

    ``failed``: answers that were none, or empty, while it ran.
    """

    def __init__(self, data: Path, photos: Path, pack: str, questions: list[str]) -> None:
        self._make: Callable[[], Server] = lambda: Server(
            data, photos, pack=pack, thumbnails_ahead="false", settle_seconds="0.05"
        )
        self.questions = questions
        self.server = self._make()
        self.failed: list[str] = []
        self.answers = 0
        self.seconds: list[float] = []
        self._up = threading.Event()
        self._stop = threading.Event()
        self._clients: list[threading.Thread] = []
        self.wait_ready()

    def wait_ready(self) -> None:
        end = time.monotonic() + 60
        while self.server.http.get("/readyz").status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.02)
        self._up.set()

    def kill(self) -> None:
        """kill -9, and a new process over the same data."""
        self._up.clear()
        self.server.kill()
        self.server = self._make()
        self.wait_ready()

    def ask_all_the_time(self, clients: int) -> None:
        for number in range(clients):
            thread = threading.Thread(target=self._client, args=(number,))
            thread.start()
            self._clients.append(thread)

    def _client(self, number: int) -> None:
        while not self._stop.is_set():
            if not self._up.wait(0.1):
                continue
            base = str(self.server.http.base_url)
            with httpx.Client(base_url=base, timeout=60) as http:
                while not self._stop.is_set() and self._up.is_set():
                    number += 1
                    self._ask(http, self.questions[number % len(self.questions)])

    def _ask(self, http: httpx.Client, words: str) -> None:
        given = {"q": words, "limit": 5, "min_relevance": "all"}
        began = time.monotonic()
        try:
            answer = http.get("/search", params=given)
            page = answer.json()
            if answer.status_code == 200 and page["next"]:
                answer = http.get("/search", params={"cursor": page["next"], "limit": 5})
        except httpx.TransportError as error:
            if self._up.is_set():  # else it was killed under this call
                time.sleep(0.05)
                if self._up.is_set():
                    self.failed.append(repr(error))
            return
        self.seconds.append(time.monotonic() - began)
        if answer.status_code != 200 or len(answer.json()["results"]) < 5:
            self.failed.append(f"{answer.status_code} {answer.text[:200]}")
        self.answers += 1

    def ask(self, method: str, path: str) -> dict[str, Any]:
        answer = self.server.http.request(method, path)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def switch(self) -> dict[str, Any]:
        found: dict[str, Any] = self.server.get("/packs")["switch"]
        return found

    def until(self, condition: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (self.switch(), "".join(self.server.lines)[-2000:])
            time.sleep(0.05)

    def until_encoded(self, count: int, seconds: float, before: str) -> None:
        """Or until all was encoded, between two looks, and another pack than ``before`` answers."""
        self.until(
            lambda: (
                self.switch()["done"] >= count or self.server.status()["pack"] not in {None, before}
            ),
            seconds,
        )

    def waited(self) -> None:
        """Say how long answers waited for the change."""
        end = time.monotonic() + 10
        while not (said := [line for line in self.server.lines if "answers waited" in line]):
            assert time.monotonic() < end
            time.sleep(0.05)
        print(said[-1].strip())

    def top(self) -> dict[str, list[str]]:
        return {
            words: [
                hit["path"]
                for hit in self.server.get("/search", q=words, limit=5, min_relevance="all")[
                    "results"
                ]
            ]
            for words in self.questions
        }

    def close(self) -> None:
        self._stop.set()
        for thread in self._clients:
            thread.join()
        self.server.stop()


def there_and_back(house: House, photos: int, clients: int, kills: int, seconds: float) -> None:
    """To the pack ``other`` and back, with so many kills on the way."""
    house.until(lambda: house.server.status()["photos"] == photos, seconds)
    house.server.settle(seconds)
    first, before = house.server.status()["pack"], house.top()
    house.ask_all_the_time(clients)
    house.ask("POST", "/packs/other/use")
    chance = random.Random(1)
    for number in range(kills):
        house.until_encoded(int(photos * (number + 0.3) / kills), seconds, first)
        time.sleep(chance.random() / 4)
        house.kill()
        assert house.top() == before  # by either pack: a quick machine may have been done
    already = house.server.status()["pack"] != first
    house.until(lambda: house.server.status()["pack"] != first, seconds)
    if not already:
        house.waited()
    assert house.top() == before
    house.until(lambda: house.switch()["state"] == "idle", 60)
    house.kill()  # in the first moments of the other one
    assert house.server.status()["pack"] != first
    house.ask("POST", "/packs/back")
    house.until(lambda: house.server.status()["pack"] == first, seconds)
    house.waited()
    assert house.top() == before
    assert house.failed == []


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(COLOURS):
        (folder / f"{number:03}.bmp").write_bytes(picture(number))
    return folder


def test_killed_on_the_way(coloured: Path, tmp_path: Path) -> None:
    write(tmp_path / "one", "1")
    write(tmp_path / "data" / "packs" / "other", "2", image=True, text=True)
    house = House(tmp_path / "data", coloured, str(tmp_path / "one"), ["a dog", "red car", "a car"])
    try:
        there_and_back(house, COLOURS, clients=2, kills=1, seconds=60)
    finally:
        house.close()


@pytest.mark.slow
@pytest.mark.data
def test_two_thousand_photos_under_eight_clients(tmp_path: Path) -> None:
    """Real photos, and a real pack whose vectors are turned around."""
    photos = tmp_path / "photos"
    photos.mkdir()
    sources = sorted((_DATA / "flickr8k").rglob("*.jpg"))[:2000]
    if len(sources) < 2000:
        pytest.skip("2,000 photos of Flickr8k are needed below CRISPD_TEST_DATA/flickr8k")
    for source in sources:
        shutil.copyfile(source, photos / source.name)
    opposite_of_mini(tmp_path / "data" / "packs" / "other")
    questions = ["a dog on a beach", "children playing", "ein Hund im Schnee", "red car", "bicycle"]
    house = House(tmp_path / "data", photos, "mini", questions)
    try:
        there_and_back(house, 2000, clients=8, kills=3, seconds=1800)
        parts = statistics.quantiles(house.seconds, n=100)
        print(f"{house.answers} answers; half within {parts[49]:.2f} s, 99 % {parts[98]:.2f} s")
        print("the slowest, in seconds:", [round(one, 2) for one in sorted(house.seconds)[-5:]])
    finally:
        house.close()
