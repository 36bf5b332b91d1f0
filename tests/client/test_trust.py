"""Whose certificate the clients believe: a real server with a house's own authority."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crispd.client import (
    AsyncClient,
    CertificateNotTrusted,
    Client,
    CrispdClientError,
    InvalidAddress,
    NoAnswer,
    RetryPolicy,
)
from tests.security.server import Guarded

ONCE = RetryPolicy(retries=0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    found = Guarded(tmp_path_factory.mktemp("house"), tls="auto")
    yield found
    found.stop()


def of_server(server: Guarded) -> str:
    """The fingerprint of the certificate it shows, as openssl would tell it."""
    pem = ssl.get_server_certificate(("127.0.0.1", server.port))
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    return ":".join(digest[start : start + 2] for start in range(0, 64, 2))


def of_house(server: Guarded) -> str:
    """That of its authority, as ``crispd pair`` shows it."""
    made = server.admin("POST", "/invitations", json={"name": "phone"}).json()
    found: str = made["fingerprint"]
    return found


def ask(server: Guarded, **settings: Any) -> str:
    with Client(server.address, token=server.local, patience=ONCE, **settings) as crispd:
        return crispd.status().state


def ask_async(server: Guarded, **settings: Any) -> str:
    async def run() -> str:
        async with AsyncClient(
            server.address, token=server.local, patience=ONCE, **settings
        ) as crispd:
            return (await crispd.status()).state

    return asyncio.run(run())


def test_a_stranger_is_not_believed(server: Guarded) -> None:
    for asked in (ask, ask_async):
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            asked(server)


def test_the_authority_of_a_file(server: Guarded, tmp_path: Path) -> None:
    ca = server.data / "tls" / "ca.crt"
    assert ask(server, ca=ca) == ask_async(server, ca=str(ca)) == "ready"
    with pytest.raises(InvalidAddress, match="no certificate"):
        Client(server.address, ca=tmp_path / "none.crt")
    (tmp_path / "empty.crt").write_text("nothing")
    with pytest.raises(InvalidAddress, match="no certificate"):
        Client(server.address, ca=tmp_path / "empty.crt")


def test_fingerprints_of_the_house_and_of_the_server(server: Guarded) -> None:
    for fingerprint in (of_house(server), of_server(server)):
        assert ask(server, fingerprint=fingerprint) == "ready"
        assert ask_async(server, fingerprint=fingerprint) == "ready"


def test_a_fingerprint_of_another(server: Guarded) -> None:
    known = len(server.said)
    for fingerprint in ("0" * 64, "f" * 64):
        with pytest.raises(CertificateNotTrusted):
            Client(server.address, token=server.local, fingerprint=fingerprint)
    assert "/status" not in server.said[known:]  # nothing was asked, so no token went there
    with pytest.raises(CrispdClientError, match="64 hexadecimal"):
        Client(server.address, fingerprint="abc")
    with pytest.raises(NoAnswer):
        Client("https://127.0.0.1:1", fingerprint="0" * 64)


def test_a_context_of_ones_own(server: Guarded) -> None:
    context = ssl.create_default_context(cafile=str(server.data / "tls" / "ca.crt"))
    assert ask(server, verify=context) == ask_async(server, verify=context) == "ready"
