"""``crispd.client`` against the real server before the fake house, and against one that fails."""

from __future__ import annotations

import asyncio
import inspect
import json
import socketserver
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crispd import client as package
from crispd.client import (
    AsyncClient,
    BadRequest,
    Client,
    Conflict,
    Gone,
    InvalidAddress,
    NoAnswer,
    NotCrispd,
    NotFound,
    RetryPolicy,
    Unauthorized,
    Unavailable,
)
from tests.api.fake_service import CONTENT, ID
from tests.api.test_process import Process

QUICK = RetryPolicy(retries=2, first=0.01, longest=2)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Process(tmp_path_factory.mktemp("house"), "well")
    try:
        yield server.address
    finally:
        server.end()


class Scripted:
    """Answers what it is told to, one after the other; ``asked``: method, body, token."""

    def __init__(self, *script: tuple[int, Any, dict[str, str]]) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, Any, str | None]] = []
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                known = json.loads(body) if body else None
                scripted.asked.append((self.command, known, self.headers["authorization"]))
                status, answer, headers = scripted.script.pop(0)
                data = json.dumps(answer).encode()
                if status == 0:  # the line breaks
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in ({"content-length": str(len(data))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self) -> Scripted:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


def refusal(status: int, **headers: str) -> tuple[int, Any, dict[str, str]]:
    return status, {"title": "No", "status": status, "detail": "A sentence."}, headers


def page(*ids: str, cursor: str | None = None) -> tuple[int, Any, dict[str, str]]:
    hits = [{"id": name, "path": "a", "folder": "/p", "score": 0.5, "new": 1} for name in ids]
    return 200, {"results": hits, "next": cursor, "new": {"field": 1}}, {}


STATUS = (200, {"state": "ready", "photos": 3}, {})


def test_every_call_of_a_real_server(address: str, tmp_path: Path) -> None:
    with Client(address) as crispd:
        answer = crispd.search("dog", limit=5, after="2020", has="gps", rerank=False)
        assert [hit.id for hit in answer.results] == [ID]
        assert answer.notes == ("A note.",)
        assert answer.timings_ms["total"] >= 17.2
        assert [hit.id for hit in crispd.hits("dog")] == [ID]
        photo = crispd.photo(ID)
        assert (photo.camera, photo.keywords) == ("Pixel 8", ("beach",))
        assert (photo.title, photo.people) == ("First swim", ("Lena",))
        assert photo.place is not None
        assert (photo.place.name, photo.place.country) == ("Kiel", "Germany")
        assert crispd.thumbnail(ID, 64)[:2] == crispd.preview(ID)[:2] == b"\xff\xd8"
        assert crispd.original(ID, tmp_path / "here.jpg").read_bytes() == CONTENT
        assert crispd.original(ID, tmp_path).name == "IMG 1ü.jpg"
        assert zipfile.is_zipfile(crispd.archive([ID], tmp_path))
        names = ["IMG 1ü.jpg", "here.jpg", "photos.zip"]
        assert sorted(path.name for path in tmp_path.iterdir()) == names
        assert crispd.status().photos == 3
        assert crispd.folders()[0].hint == "A hint."
        assert crispd.problems(limit=1).problems[0].code == "truncated"
        people = crispd.people(limit=1, q="a", rating=4)
        assert (people.total, [each.name for each in people.people]) == (2, ["Annaa\ufffd"])
        assert crispd.places(q="ki", bounds="0,0,1,1").total == 2
        places = crispd.places(limit=1, rating=4)
        assert (places.total, len(places.places)) == (2, 1)
        assert (places.places[0].name, places.places[0].latitude) == ("Kiel", 54.32)
        place, word = crispd.completions("se", at=2)
        assert (place.kind, place.count, word.count, word.q) == ("place", 3, None, "sea")
        assert (crispd.retry(), crispd.rescan(), crispd.confirm("/srv/photos")) == (7, 2, 1)
        assert (crispd.reread("/srv/photos"), crispd.reread(photo_id="a" * 24)) == (3, 3)
        assert crispd.pause().paused
        assert not crispd.resume().paused
        assert crispd.health().ok
        packs = crispd.packs("de")
        assert (packs.packs[0].id, packs.switch.state, packs.pull.state) == (
            "mini@5",
            "idle",
            "idle",
        )
        for answered in (
            crispd.pull_pack("house/clip"), crispd.cancel_pull(), crispd.use_pack("clip"),
            crispd.go_back_to_pack(), crispd.remove_pack("clip"),
        ):  # fmt: skip
            assert answered.packs[0].state == "active"
        with pytest.raises(Conflict, match="answers already"):
            crispd.use_pack("mini")
        assert crispd.encode_jobs("desk").job is None
        job = crispd.encode_jobs("desk", "mini@5").job
        assert job is not None
        assert (job.count, job.size) == (2, 2)
        crispd.keep_encode_lease("desk", job.lease)
        crispd.give_encoded("desk", job.lease, 1, "AACAPw==")
        with pytest.raises(NotFound, match="no photo") as error:
            crispd.photo("b" * 24)
        assert error.value.problem.title == "Not found"
        with pytest.raises(NotFound):
            crispd.original("b" * 24, tmp_path / "none.jpg")
        assert not (tmp_path / "none.jpg").exists()
        with pytest.raises(BadRequest, match="limit"):
            crispd.search("dog", limit=1000)


def test_the_same_to_await(address: str, tmp_path: Path) -> None:
    async def ask() -> None:
        async with AsyncClient(address) as crispd:
            answers = await asyncio.gather(*[crispd.search("dog", limit=5) for _ in range(3)])
            assert [answer.results[0].id for answer in answers] == [ID] * 3
            assert [hit.id async for hit in crispd.hits("dog")] == [ID]
            assert (await crispd.photo(ID)).camera == "Pixel 8"
            assert (await crispd.thumbnail(ID))[:2] == b"\xff\xd8"
            path = await crispd.original(ID, tmp_path)
            assert path.read_bytes() == CONTENT
            assert (await crispd.status()).photos == 3
            assert (await crispd.folders())[0].path
            assert await crispd.retry() == 7
            assert (await crispd.health()).ok
            assert (await crispd.packs()).packs[0].name == "mini"
            assert (await crispd.encode_jobs("desk")).wanted == "mini@5"
            with pytest.raises(NotFound):
                await crispd.photo("b" * 24)

    asyncio.run(ask())


def test_a_picture_is_sent_with_its_parameters(address: str) -> None:
    async def awaited(image: bytes, **asking: Any) -> Any:
        async with AsyncClient(address) as crispd:
            return await crispd.search("at night", image, **asking)

    def asked(image: bytes, **asking: Any) -> Any:
        with Client(address) as crispd:
            return crispd.search("at night", image, **asking)

    for search in (asked, lambda *a, **k: asyncio.run(awaited(*a, **k))):
        answer = search(b"\xff\xd8 a picture", limit=3, rerank=False, min_megapixels=1.5)
        assert (answer.query, answer.results[0].id) == ("at night", ID)
        with pytest.raises(BadRequest, match="limit is '1000'"):
            search(b"a picture", limit=1000)
        with pytest.raises(BadRequest, match="rerank is 'perhaps'"):
            search(b"a picture", rerank="perhaps")
        with pytest.raises(BadRequest, match="empty"):
            search(b"")


def test_a_unix_socket(tmp_path: Path) -> None:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(STATUS[1]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    async def awaited(path: str) -> str:
        async with AsyncClient("http://crispd", uds=path) as crispd:
            return (await crispd.status()).state

    path = str(tmp_path / "crispd.sock")
    with socketserver.UnixStreamServer(path, Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with Client("http://crispd", uds=path) as crispd:
                assert crispd.status().state == "ready"
            assert asyncio.run(awaited(path)) == "ready"
        finally:
            server.shutdown()
            thread.join()


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {
            name: list(inspect.signature(call).parameters)
            for name, call in found
            if not name.startswith("_") and name not in {"close", "aclose"}
        }

    assert methods(Client) == methods(AsyncClient)


def test_it_tries_again_when_asked_to() -> None:
    with Scripted(refusal(503, **{"retry-after": "1"}), refusal(503), STATUS) as server:
        started = time.monotonic()
        with Client(server.url, patience=QUICK, token="secret") as crispd:
            assert crispd.status().state == "ready"
        assert 1 <= time.monotonic() - started < 10
    assert [token for *_, token in server.asked] == ["Bearer secret"] * 3


def test_the_same_for_the_one_to_await() -> None:
    async def ask(url: str) -> None:
        async with AsyncClient(url, patience=QUICK) as crispd:
            assert (await crispd.status()).state == "ready"

    with Scripted(refusal(503), (0, None, {}), STATUS) as server:
        asyncio.run(ask(server.url))
    assert len(server.asked) == 3


def test_patience_ends() -> None:
    with (
        Scripted(*[refusal(503)] * 3) as server,
        Client(server.url, patience=QUICK) as crispd,
        pytest.raises(Unavailable, match="A sentence"),
    ):
        crispd.status()
    assert len(server.asked) == 3
    late = refusal(503, **{"retry-after": "3600"})
    with (
        Scripted(late) as server,
        Client(server.url, patience=QUICK) as crispd,
        pytest.raises(Unavailable) as error,
    ):
        crispd.status()
    assert error.value.retry_after == 3600


def test_what_changes_something_is_not_sent_twice() -> None:
    with (
        Scripted((0, None, {})) as server,
        Client(server.url, patience=QUICK) as crispd,
        pytest.raises(NoAnswer),
    ):
        crispd.confirm()
    assert len(server.asked) == 1


def test_a_search_is_asked_once_more_when_its_pages_are_lost() -> None:
    script = [page("a", "b", cursor="1"), refusal(410), page("b", "c", cursor="2"), page("d")]
    with Scripted(*script) as server, Client(server.url) as crispd:
        pages = list(crispd.pages("dog", limit=2))
    assert [[hit.id for hit in one.results] for one in pages] == [["a", "b"], ["c"], ["d"]]
    assert [one.asked_again for one in pages] == [False, True, True]
    assert server.asked[2][1] == {"q": "dog", "limit": 2}
    assert server.asked[3][1] == {"cursor": "2", "limit": 2}
    script = [page("a", cursor="1"), refusal(410), page("b", cursor="2"), refusal(410)]
    with Scripted(*script) as server, Client(server.url) as crispd, pytest.raises(Gone):
        list(crispd.pages("dog"))


def test_answers_may_grow() -> None:
    with Scripted(page("a")) as server, Client(server.url) as crispd:
        answer = crispd.search("dog")
    assert answer.raw["new"] == {"field": 1}
    assert answer.results[0].raw["new"] == 1


@pytest.mark.parametrize("answer", [[], {"results": 5}, {"results": [{}]}, {"no": 1}, "text"])
def test_what_is_no_crispd(answer: Any) -> None:
    with (
        Scripted((200, answer, {})) as server,
        Client(server.url) as crispd,
        pytest.raises(NotCrispd, match="is no crispd"),
    ):
        crispd.search("dog")


def test_errors() -> None:
    with (
        Scripted(refusal(401)) as server,
        Client(server.url) as crispd,
        pytest.raises(Unauthorized) as error,
    ):
        crispd.status()
    assert (error.value.status, error.value.problem.detail) == (401, "A sentence.")
    for address in ("http://[::1", "ftp://nas", "http://"):
        with pytest.raises(InvalidAddress):
            Client(address)
    with Client("127.0.0.1:1", patience=RetryPolicy(retries=0)) as crispd, pytest.raises(NoAnswer):
        crispd.status()


@pytest.mark.parametrize("name", ["../../evil", "..", "", "/etc/passwd", "..%2Fevil"])
def test_a_download_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    header = {"content-disposition": f"inline; filename*=utf-8''{name}"}
    with Scripted((200, 1, header)) as server, Client(server.url) as crispd:
        assert crispd.original(ID, folder).parent == folder
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_importing_it_loads_nothing_of_the_service() -> None:
    program = (
        "import sys, crispd.client; heavy = {'numpy', 'onnxruntime', 'fastapi', 'sqlalchemy', "
        "'pydantic', 'PIL', 'typer'}; print(sorted(heavy & set(sys.modules)))"
    )
    root = str(Path(package.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"
