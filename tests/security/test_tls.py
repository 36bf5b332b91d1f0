"""HTTPS with the house's own authority: made, trusted, renewed, and bounded."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import stat
import time
from pathlib import Path

import httpx
import pytest

from crispd.errors import ConfigError
from crispd.server import tls
from crispd.server.tls import TlsCertificates, TlsFiles, make_certificates
from tests.processes import client
from tests.security.conftest import Start
from tests.security.server import bearer

pytestmark = pytest.mark.slow  # hundreds of sockets, real handshakes: minutes


def test_a_server_with_its_own_authority(start: Start) -> None:
    server = start(tls="auto")
    assert server.address.startswith("https://")
    made = server.admin("POST", "/invitations", json={"name": "phone"}).json()
    assert made["links"][0].endswith(f".{made['fingerprint']}")
    authority = server.http.get("/ca.crt").text
    assert "PRIVATE" not in authority
    context = ssl.create_default_context(cadata=authority)
    for name in ("127.0.0.1", "localhost"):
        with httpx.Client(verify=context, base_url=f"https://{name}:{server.port}") as http:
            answer = http.post("/session", json={"code": made["code"]})
            assert answer.status_code in {200, 401}
            if answer.is_success:
                assert "Secure" in answer.headers["set-cookie"]
    for path in (server.data / "tls").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(server.data.parent), "CRISPD_TLS": "auto",
        "CRISPD_DATA_DIR": str(server.data), "CRISPD_PORT": str(server.port),
    }  # fmt: skip
    run = client.run("crispd", "devices", environment=environment)
    assert (run.returncode, "phone" in run.stdout) == (0, True), run.stderr


def test_slow_handshakes_end_and_hold_nobody_up(start: Start) -> None:
    server = start(tls="auto")
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    began = time.perf_counter()
    assert server.http.get("/search?q=a", headers=bearer(server.local)).status_code == 200
    took = (time.perf_counter() - began) * 1000
    print(f"200 silent handshakes: a search with its own handshake took {took:.1f} ms")
    assert took < 2000
    sockets[0].settimeout(20)
    with contextlib.suppress(ConnectionResetError):
        assert sockets[0].recv(10) == b""
    for sock in sockets:
        sock.close()


def test_it_is_kept_renewed_and_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_certificates("auto", tmp_path, "0.0.0.0", "", "")
    assert first is not None
    files = first.files
    before, authority = files.certificate.read_text(), first.fingerprint
    again = make_certificates("auto", tmp_path, "0.0.0.0", "", "")
    assert again is not None
    assert files.certificate.read_text() == before
    monkeypatch.setattr(tls, "_RENEW_DAYS", 398)
    again.refresh()
    assert files.certificate.read_text() != before
    assert again.fingerprint == authority
    files.certificate.write_text("damaged")
    again.refresh()
    assert ssl.PEM_cert_to_DER_cert(files.certificate.read_text())


def test_the_authority_cannot_speak_for_the_internet(tmp_path: Path) -> None:
    made = make_certificates("auto", tmp_path, "127.0.0.1", "", "")
    assert made is not None
    assert made.files.authority is not None
    signer = tls._read(made.files.authority, made.files.authority.with_suffix(".key"))
    assert signer is not None
    for name, fine in (("hub.local", True), ("bank.example.com", False), ("8.8.8.8", False)):
        assert tls._permitted(name, signer[0]) is fine
        tls._make_leaf(made.files, signer, [name])
        assert (
            _handshake(
                TlsCertificates(TlsFiles(made.files.certificate, made.files.key)), made, name
            )
            is fine
        )


def _handshake(server: TlsCertificates, made: TlsCertificates, name: str) -> bool:
    context = ssl.create_default_context(cadata=made.authority)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=name)
    peer = server.context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (client, peer):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return False
    return True


def test_wrong_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="together"):
        make_certificates("off", tmp_path, "::", "a.crt", "")
    with pytest.raises(ConfigError, match="PEM"):
        make_certificates("off", tmp_path, "::", str(tmp_path / "a"), str(tmp_path / "b"))
    assert make_certificates("off", tmp_path, "::", "", "") is None
