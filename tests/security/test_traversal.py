"""What is no id reaches neither the database nor the disk."""

from __future__ import annotations

import socket

import pytest

from tests.api.fake_service import ID
from tests.security.server import Guarded

PLACES = [
    "/photos/{}", "/photos/{}/thumbnail", "/photos/{}/original", "/shared/{}",
    "/invitations/{}", "/devices/{}", "/photos/{}/share",
]  # fmt: skip
WAYS = [
    "..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e%252fetc%252fpasswd", "..%5c..%5cwindows", "%00", ID + "%00", ID + "/../" + ID + "x",
    "/etc/passwd", "file:%2f%2f%2fetc%2fpasswd", "%c0%ae%c0%ae%c0%af", "A" * 5000,
    "%0d%0aSet-Cookie:a=b",
    "'%20OR%201=1--", "signing-key", "..%2fdata%2flocal-token",
]  # fmt: skip


def raw(server: Guarded, method: str, path: str) -> bytes:
    """Sent as it is: clients tidy addresses."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        sock.sendall(f"{head}Authorization: Bearer {server.local}\r\n\r\n".encode())
        answer = b""
        while part := sock.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize("place", PLACES)
def test_traversal(server: Guarded, place: str) -> None:
    methods = {"/devices/{}": "DELETE", "/photos/{}/share": "POST"}
    for way in WAYS:
        answer = raw(server, methods.get(place, "GET"), place.format(way))
        status = int(answer[9:12])
        assert status in {400, 401, 404, 405}, (way, answer[:300])
        for secret in (b"root:", server.local.encode(), b"\r\nset-cookie"):
            assert secret not in answer.lower().replace(b"bearer realm", b"")
    assert "Traceback" not in server.said
