"""The commands: what they print, and how they end."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crispd import __version__
from crispd.cli import main, output
from crispd.cli.app import app
from crispd.cli.commands.search import spoken
from crispd.types import IngestProgress
from tests.processes import client

PROBLEM = {"folder": "/p/", "path": "bad\x1b[2J.jpg", "code": "empty", "reason": "It is empty."}
HIT = {"id": "a" * 24, "score": 0.876, "folder": "/p", "path": "2021/a.jpg"}
ANSWER = {
    "results": [HIT],
    "considered": 12,
    "reranked": 10,
    "notes": ["A note."],
    "timings_ms": {"text": 1.0, "coarse": 2.0, "fine": 3.0, "total": 6.5},
}
STATUS = {"state": "ready", "photos": 3, "eta_seconds": None}


class Running:
    """A service as the commands see one; ``answers`` by path, ``asked`` what came.

    ``pages``: what is answered before that, one after the other.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.pages: list[tuple[int, bytes]] = []
        self.answers: dict[str, tuple[int, bytes]] = {
            "/search": (200, json.dumps(ANSWER).encode()),
            "/status": (200, json.dumps(STATUS).encode()),
            "/problems": (200, json.dumps({"problems": [PROBLEM], "total": 1}).encode()),
        }
        running = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                running.asked.append((self.path, json.loads(body) if body else None))
                code, data = running.answers[self.path.partition("?")[0]]
                if running.pages:
                    code, data = running.pages.pop(0)
                self.send_response(code)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Running]:
    found = Running()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("CRISPD_PORT", str(found.port))
    monkeypatch.setenv("CRISPD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # must not be asked
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def process(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a process."""
    environment = {**os.environ, "LC_ALL": "C", "CRISPD_DATA_DIR": "/nowhere", **environment}
    done = client.run("crispd", *arguments, environment=environment, timeout=30)
    return done.returncode, done.stdout, done.stderr


def crispd(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """The same by the program's own ``main``, in this process: a fifth of the time."""
    said, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(errors):
        patch.setattr("sys.argv", ["crispd", *arguments])
        for name, value in {"LC_ALL": "C", "CRISPD_DATA_DIR": "/nowhere", **environment}.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            main()
    return int(end.value.code or 0), said.getvalue(), errors.getvalue()


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return str(found.getsockname()[1])


def test_search_prints_a_table(running: Running) -> None:
    lines = printed("search", "a dog", "--limit", "5", "--no-rerank").splitlines()
    assert lines == [
        "  1   87.6%  /p/2021/a.jpg",
        "A note.",
        "12 considered, 10 re-ranked in 6.5 ms (text 1.0, coarse 2.0, fine 3.0)",
    ]
    asked = {"q": "a dog", "limit": 5, "rerank": False, "spelling": True, "parse": True}
    assert running.asked == [("/search", asked)]


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"), ({"LANG": "C.UTF-8"}, None), ({}, None),
        ({"LANG": "de_DE", "LC_ALL": "POSIX"}, None), ({"LANG": "", "LC_MESSAGES": "fr"}, "fr"),
    ],
)  # fmt: skip
def test_the_locale_s_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str | None
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert spoken() == language


def test_search_tells_what_is_likely_from_what_may_be(running: Running) -> None:
    hits = [{**HIT, "relevance": name} for name in ("likely", "maybe", "unlikely")]
    answer = {**ANSWER, "notes": [], "likely": 1, "maybe": 1}

    def lines(*shown: dict[str, object]) -> list[str]:
        body = json.dumps({**answer, "results": shown}).encode()
        running.answers["/search"] = (200, body)
        return printed("search", "a dog", "--min-relevance", "all").splitlines()[:-1]

    assert lines(*hits) == [
        "  1   87.6%  /p/2021/a.jpg",
        "     these may be it:",
        "  2   87.6%  /p/2021/a.jpg",
        "     these hardly are:",
        "  3   87.6%  /p/2021/a.jpg",
        "1 likely, 1 may be it.",
    ]
    assert running.asked[0][1]["min_relevance"] == "all"
    assert lines(hits[1])[0] == "Nothing is likely; these may be it:"
    assert lines(hits[2])[0] == "Nothing is likely; this comes nearest:"
    assert lines() == ["1 likely, 1 may be it."]


def test_search_says_how_to_ask_for_the_original(running: Running) -> None:
    remark = {"code": "spelling", "values": {"written": "dgo", "read": "dog"}, "text": "Read dog."}
    body = json.dumps({**ANSWER, "remarks": [remark]}).encode()
    running.answers["/search"] = (200, body)
    assert "the same command with --no-spelling" in printed("search", "dgo")
    printed("search", "dgo", "--no-spelling")
    assert running.asked[-1][1]["spelling"] is False


def test_all_asks_for_every_page(running: Running) -> None:
    def page(number: int) -> tuple[int, bytes]:
        hit = {**HIT, "id": str(number) * 24, "path": f"{number}.jpg"}
        following = None if number == 3 else f"to-{number + 1}"
        return 200, json.dumps({**ANSWER, "results": [hit], "next": following}).encode()

    running.pages = [page(number) for number in (1, 2, 3)]
    lines = printed("search", "a dog", "--all", "--type", "jpeg").splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["/p/1.jpg", "/p/2.jpg", "/p/3.jpg"]
    first, *others = [body for _, body in running.asked]
    assert (first["limit"], first["type"]) == (200, "jpeg")
    assert others == [{"cursor": "to-2", "limit": 200}, {"cursor": "to-3", "limit": 200}]
    running.pages = [page(number) for number in (1, 2, 3)]
    found = json.loads(printed("search", "a dog", "--all", "--json"))
    assert [hit["path"] for hit in found["results"]] == ["1.jpg", "2.jpg", "3.jpg"]
    assert found["next"] is None
    running.pages = [page(1)]
    assert json.loads(printed("search", "a dog", "--json"))["next"] == "to-2"


def test_long_texts_in_any_script_arrive(running: Running) -> None:
    printed("search", "犬" * 10_000)
    assert running.asked[0][1]["q"] == "犬" * 10_000


def test_json_is_what_the_service_said(running: Running) -> None:
    assert json.loads(printed("search", "a", "--json")) == ANSWER
    assert json.loads(printed("status", "--json")) == STATUS
    assert json.loads(printed("problems", "--json"))["problems"] == [PROBLEM]
    assert json.loads(printed("version", "--json")) == {"version": __version__}


def test_status_and_problems_for_people(running: Running) -> None:
    assert printed("status").splitlines()[-1].split() == ["eta", "seconds", "-"]
    assert printed("problems").splitlines() == [
        "/p/bad\\x1b[2J.jpg: It is empty.",  # what drives a terminal does not reach it
        "1 files could not be read.",
    ]
    running.answers["/problems"] = (200, b'{"problems": [], "total": 0}')
    assert printed("problems") == "Every file could be read.\n"


def test_problems_are_tried_again(running: Running) -> None:
    running.answers["/problems/retry"] = (202, b'{"started": 7}')
    assert printed("problems", "--retry").split() == ["files", "looked", "at", "again", "7"]
    assert running.asked == [("/problems/retry", {})]


@pytest.mark.parametrize("url", ["127.0.0.1:{}", "http://127.0.0.1:{}", "http://127.0.0.1:{}/"])
def test_an_address_as_people_write_it(running: Running, url: str) -> None:
    assert "ready" in printed("status", "--url", url.format(running.port))


def test_version() -> None:
    assert printed("version") == printed("--version") == f"{__version__}\n"


def test_what_the_service_refuses_is_said_in_one_line(running: Running) -> None:
    port = str(running.port)
    for status, exit_code in ((400, 2), (503, 1)):
        running.answers["/search"] = (status, b'{"detail": "A sentence."}')
        found = process("search", "a", CRISPD_PORT=port)
        assert found == (exit_code, "", "crispd: A sentence.\n")


@pytest.mark.parametrize(
    "answer", [(200, b"<html>"), (200, b"[]"), (404, b"{}"), (500, b'{"detail": 5}')]
)
def test_another_service_at_the_port(running: Running, answer: tuple[int, bytes]) -> None:
    running.answers["/status"] = answer
    code, _, said = crispd("status", CRISPD_PORT=str(running.port))
    assert code == 1
    assert "is no crispd" in said
    assert said.count("\n") == 1


def test_no_service() -> None:
    code, _, said = crispd("status", CRISPD_PORT=free_port())
    assert code == 1
    assert "No crispd answers" in said
    assert said.count("\n") == 1
    for command in (("search", "a dog"), ("problems",)):
        code, _, said = crispd(*command, CRISPD_PORT=free_port())
        assert code == 1
        assert "crispd serve FOLDER" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("holds", [None, "no certificate"])
def test_authorities_that_are_none(running: Running, tmp_path: Path, holds: str | None) -> None:
    file = tmp_path / "authorities.pem"
    if holds is not None:
        file.write_text(holds)
    here = {"CRISPD_PORT": str(running.port), "SSL_CERT_FILE": str(file)}
    code, said, _ = crispd("status", **here)
    assert (code, "ready" in said) == (0, True)  # nothing of it is needed for http
    for command in (("status",), ("pause",), ("search", "a dog"), ("devices",), ("problems",)):
        code, _, said = crispd(*command, "--url", f"https://127.0.0.1:{running.port}", **here)
        assert (code, said.count("\n")) == (1, 1), said
        assert f"SSL_CERT_FILE names {file}" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nonsense",), "nonsense"),
        (("search",), "empty"),
        (("search", ""), "empty"),
        (("search", "a", "--limit", "0"), "--limit"),
        (("search", "a", "--limit", "201"), "--limit"),
        (("serve", "--port", "99999"), "port"),
        (("serve", "--log-level", "loud"), "log_level"),
        (("serve", "--config", "/nowhere/crispd.toml"), "no settings file"),
        (("status", "--url", "http://[::1"), "is no address"),
        (("index", "--colour"), "--colour"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], says: str) -> None:
    code, _, said = crispd(*arguments, CRISPD_PORT="1")
    assert code == 2
    assert says in said
    assert "Traceback" not in said


def test_questions_do_not_load_the_models() -> None:
    program = (
        "import sys; from typer.testing import CliRunner; from crispd.cli.app import app; "
        "there = ['--url', 'http://127.0.0.1:1']; run = CliRunner().invoke; "
        "run(app, ['status', *there]); run(app, ['search', 'a dog', *there]); "
        "heavy = ('onnxruntime', 'fastapi', 'sqlalchemy', 'numpy', 'PIL'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_start_does_not_load_what_is_seldom_asked_for() -> None:
    program = (
        "import sys, crispd.server.process, crispd.service; "
        "seldom = ('httpx', 'jinja2', 'segno', 'crispd.api.routes.immich'); "
        "print([m for m in seldom if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_what_was_indexed(capsys: pytest.CaptureFixture[str]) -> None:
    progress = IngestProgress(encoded=20, linked=3, removed=1, failed=2)
    output.indexed(progress, 4.0, False)
    assert capsys.readouterr().out == (
        "20 photos encoded in 4 s (5.0 photos/s), 3 known already by their content, 1 removed, "
        "2 could not be read.\nWhich and why: crispd problems\n"
    )
    output.indexed(progress, 4.0, True)
    found = json.loads(capsys.readouterr().out)
    assert (found["encoded"], found["failed"], found["seconds"]) == (20, 2, 4.0)
