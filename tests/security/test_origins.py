"""Forged Host, Origin and X-Forwarded; who is believed."""

from __future__ import annotations

import socket

import pytest
from starlette.datastructures import Headers

from crispd.auth.access_policy import make_access_policy
from crispd.auth.request_origin import host_allowed, request_origin
from crispd.errors import ConfigError
from tests.api.checks import problem
from tests.security.conftest import Start
from tests.security.server import Guarded, bearer

FORGED = [
    "evil.example", "evil.example:8642", "127.0.0.1.evil.example", "localhost.evil.example",
    "a@127.0.0.1", "127.0.0.1/x", "[::1", "127.0.0.1:x", "photos.local.evil.example",
]  # fmt: skip
OWN = ["127.0.0.1", "localhost:1", "[::1]:8642", "192.168.1.5", "LOCALHOST"]


@pytest.fixture(scope="module")
def open_server(start_once: Start) -> Guarded:
    """As it comes: on loopback, without tokens."""
    return start_once(auth="auto")


@pytest.mark.parametrize("host", FORGED)
def test_names_of_others_are_refused(open_server: Guarded, server: Guarded, host: str) -> None:
    for one in (open_server, server):
        answer = one.http.get("/search?q=a", headers={"Host": host, **bearer(one.local)})
        problem(answer, 421, "allowed_hosts")
    assert server.http.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:1", "[::1]:8642", "LOCALHOST", "127.8.8.8", "a.localhost"]
)
def test_own_names(open_server: Guarded, host: str) -> None:
    assert open_server.http.get("/search?q=a", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["192.168.1.5", "[fd00::1]:80", socket.gethostname(), "0.0.0.0"])
def test_names_that_others_know_are_not_local(open_server: Guarded, host: str) -> None:
    """Loopback is asked under them only where something hands on: a tunnel, a forwarded port, or a
    proxy that says nothing of itself.
    """
    problem(open_server.http.get("/search?q=a", headers={"Host": host}), 401, "token")
    token = open_server.device(f"at {host}", "search")["token"]
    asked = {"Host": host, **bearer(token)}
    assert open_server.http.get("/search?q=a", headers=asked).status_code == 200


def answered(server: Guarded, head: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(head)
        return sock.recv(4096)


def test_the_version_that_a_bare_proxy_asks_in_is_not_local(open_server: Guarded) -> None:
    """nginx with nothing but proxy_pass, before 1.29.7: no header tells of who is behind it."""
    bare = b"GET /search?q=a HTTP/1.0\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
    bare %= open_server.port
    assert answered(open_server, bare + b"\r\n").startswith(b"HTTP/1.1 401")
    page = bare.replace(b"/search?q=a", b"/")
    assert answered(open_server, page + b"\r\n").startswith(b"HTTP/1.1 303")
    shown = b"X-Api-Key: " + open_server.local.encode() + b"\r\n\r\n"
    assert answered(open_server, bare + shown).startswith(b"HTTP/1.1 200")
    now = bare.replace(b"HTTP/1.0", b"HTTP/1.1")
    assert answered(open_server, now + b"\r\n").startswith(b"HTTP/1.1 200")


def test_a_strange_name_in_local_needs_tokens_to_be_asked_for(
    open_server: Guarded, server: Guarded
) -> None:
    headers = {"Host": "anybodys.local"}
    assert open_server.http.get("/search?q=a", headers=headers).status_code == 421
    assert server.http.get("/search?q=a", headers=headers).status_code == 401


def test_pages_of_strangers(open_server: Guarded) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil"):
        headers = {"Origin": origin}
        for answer in (
            open_server.http.post("/folders/rescan", headers=headers),
            open_server.http.get("/search?q=a", headers=headers),
        ):
            problem(answer, 403, "allowed_origins")
            assert "access-control-allow-origin" not in answer.headers
    own = {"Origin": open_server.address}
    assert open_server.http.post("/folders/rescan", headers=own).status_code == 202
    answer = open_server.http.get("/search?q=a")
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_listed_origins(start: Start) -> None:
    server = start(allowed_origins="https://dash.lan:8123")
    origin = {"Origin": "https://dash.lan:8123"}
    asked = {**origin, "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    before = server.http.options("/search", headers=asked)
    assert before.headers["access-control-allow-origin"] == origin["Origin"]
    assert "access-control-allow-credentials" not in before.headers
    answer = server.http.get("/search?q=a", headers={**origin, **bearer(server.local)})
    assert answer.headers["access-control-allow-origin"] == origin["Origin"]
    assert server.http.get("/search?q=a", headers=origin).status_code == 401
    evil = {**asked, "Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in server.http.options("/search", headers=evil).headers


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via",
               "X-Real-IP", "X-Client-IP", "X-Forwarded-Port", "X-Original-URL", "CF-Ray",
               "X-Envoy-Internal", "Tailscale-User-Login", "CDN-Loop", "X-Varnish"]
)  # fmt: skip
def test_what_a_proxy_hands_on_is_not_local(open_server: Guarded, header: str) -> None:
    answer = open_server.http.get("/search?q=a", headers={header: "127.0.0.1"})
    problem(answer, 401, "token")


def test_forged_forwarding_does_not_make_anyone_local_or_trusted(server: Guarded) -> None:
    forged = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"}
    assert server.http.get("/search?q=a", headers=forged).status_code == 401
    evil = {**forged, "Host": "evil.example", **bearer(server.local)}
    assert server.http.get("/search?q=a", headers=evil).status_code == 421


def test_a_trusted_proxy_tells_scheme_and_host(start: Start) -> None:
    server = start(auth="auto", trusted_proxies="127.0.0.1", allowed_hosts="photos.example")
    assert server.http.get("/search?q=a").status_code == 401
    said = {"X-Forwarded-For": "192.168.1.9", "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "photos.example"}  # fmt: skip
    own = {**said, "Origin": "https://photos.example"}
    token = server.device("tablet", "search")["token"]
    answer = server.http.post("/session", json={"token": token}, headers=own)
    assert "Secure" in answer.headers["set-cookie"]
    other = {**said, "X-Forwarded-Host": "evil.example"}
    assert server.http.get("/healthz", headers=other).status_code == 200
    assert server.http.get("/search?q=a", headers={**other, **bearer(token)}).status_code == 421


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("6.6.6.6, 192.168.1.9", "192.168.1.9"),
        ("6.6.6.6, 192.168.1.9, 10.0.0.2", "192.168.1.9"),
        ("", "10.0.0.1"),
        ("nonsense", "10.0.0.1"),
        ("10.0.0.3", "10.0.0.3"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_counts(chain: str, address: str) -> None:
    rules = make_access_policy("0.0.0.0", "auto", ["10.0.0.0/24"])
    scope = {"type": "http", "client": ("10.0.0.1", 1), "scheme": "http"}
    client = request_origin(scope, Headers({"host": "a", "x-forwarded-for": chain}), rules)
    assert client.address == address
    assert not client.local


def test_who_needs_a_token_and_wrong_settings() -> None:
    assert not make_access_policy("127.0.0.1", "auto").required
    assert not make_access_policy("::1", "auto").required
    for host, auth, proxies in (
        ("0.0.0.0", "auto", ()), ("::", "auto", ()), ("192.168.1.2", "auto", ()),
        ("hub.lan", "auto", ()), ("127.0.0.1", "required", ()), ("127.0.0.1", "auto", ("::1",)),
    ):  # fmt: skip
        assert make_access_policy(host, auth, proxies).required  # type: ignore[arg-type]
    for wrong in ({"proxies": ["hub"]}, {"origins": ["*"]}, {"origins": ["https://a/b"]}):
        with pytest.raises(ConfigError, match=r"such as|no origin"):
            make_access_policy("127.0.0.1", "auto", **wrong)  # type: ignore[arg-type]
    rules = make_access_policy("127.0.0.1", "auto", hosts=["*.example.org"])
    scope = {"type": "http", "client": ("127.0.0.1", 1), "scheme": "http"}
    for host, fine in (("a.example.org", True), ("example.org", False), ("xexample.org", False)):
        assert host_allowed(request_origin(scope, Headers({"host": host}), rules), rules) is fine
