"""A server that speaks the hub's protocol, and another host that it leads to for large files.

What may go wrong on the way is asked of it: ``breaks`` after so many bytes, ``wrong`` bytes,
``busy`` answers, files that need a ``token``.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_SMALL = 10_000  # below, git has a file itself
_PAGE = 7  # entries of a listing


@dataclass
class FakeHub:
    """``repositories``: folders by ``owner/name``. A context; ``url`` is its address."""

    repositories: dict[str, Path]
    token: str | None = None
    break_after: int | None = None  # bytes of each answer with a large file
    breaks: int = 0  # how many answers break off
    wrong: int = 0  # how many answers have a wrong byte
    busy: list[tuple[int, str]] = field(default_factory=list)  # statuses and Retry-After to come
    lie: dict[str, Any] = field(default_factory=dict)  # of the listing: path to other values
    extra: list[dict[str, Any]] = field(default_factory=list)  # further entries of it
    linked_size: str | None = None
    ranges: bool = True
    slow: float = 0.0  # seconds between chunks of 4 kB
    asked: Counter[str] = field(default_factory=Counter)
    sent: int = 0  # bytes of files
    tokens_elsewhere: list[str] = field(default_factory=list)

    def __enter__(self) -> FakeHub:
        self._servers = [_Server(self, elsewhere) for elsewhere in (False, True)]
        self.url, self.elsewhere = (
            f"http://{name}:{server.server_port}"
            for name, server in zip(("127.0.0.1", "localhost"), self._servers, strict=True)
        )
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def listing(self, name: str) -> list[dict[str, Any]]:
        folder = self.repositories[name]
        entries: list[dict[str, Any]] = []
        for path in sorted(folder.rglob("*")):
            shown = path.relative_to(folder).as_posix()
            if path.is_dir():
                entries.append({"type": "directory", "oid": "0" * 40, "size": 0, "path": shown})
                continue
            data = path.read_bytes()
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            entry = {"type": "file", "oid": blob, "size": len(data), "path": shown}
            if len(data) >= _SMALL:
                digest = hashlib.sha256(data).hexdigest()
                entry["lfs"] = {"oid": digest, "size": len(data), "pointerSize": 134}
            entries.append(entry | self.lie.get(shown, {}))
        return entries + self.extra


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: FakeHub, elsewhere: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.hub, self.elsewhere = hub, elsewhere


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *words: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        hub, address = self.server.hub, urlsplit(self.path)
        path = unquote(address.path)
        hub.asked[path] += 1
        if self.server.elsewhere:
            if token := self.headers.get("Authorization"):
                hub.tokens_elsewhere.append(token)
            self._file(Path(path))
            return
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            self._answer(401, b"")
            return
        if hub.busy:
            status, seconds = hub.busy.pop(0)
            self._answer(status, b"", {"Retry-After": seconds} if seconds else {})
            return
        for pattern, handle in (
            (r"/api/models/(\w+/[\w-]+)/revision/(\w+)", self._revision),
            (r"/api/models/(\w+/[\w-]+)/tree/(\w+)", self._tree),
            (r"/(\w+/[\w-]+)/resolve/(\w+)/(.+)", self._resolve),
        ):
            found = re.fullmatch(pattern, path)
            if found and found[1] in hub.repositories:
                handle(*found.groups())
                return
        self._answer(404, b"{}")

    def _revision(self, name: str, revision: str) -> None:
        if revision == "main":
            self._json({"id": name, "sha": COMMIT})
        else:
            self._answer(404, b"{}")

    def _tree(self, name: str, commit: str) -> None:
        assert commit == COMMIT
        entries = self.server.hub.listing(name)
        start = int(dict(re.findall(r"(\w+)=(\w+)", urlsplit(self.path).query)).get("cursor", 0))
        address = f"{self.server.hub.url}/api/models/{name}/tree/{commit}?recursive=1"
        more = start + _PAGE < len(entries)
        link = {"Link": f'<{address}&cursor={start + _PAGE}>; rel="next"'} if more else {}
        self._json(entries[start : start + _PAGE], link)

    def _resolve(self, name: str, commit: str, path: str) -> None:
        file = self.server.hub.repositories[name] / path
        if commit != COMMIT or not file.is_file():
            self._answer(404, b"")
            return
        if file.stat().st_size < _SMALL:
            self._file(file)
            return
        data = file.read_bytes()
        size = self.server.hub.linked_size or str(len(data))
        headers = {
            "Location": f"{self.server.hub.elsewhere}{file}",
            "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
            "X-Linked-Size": size,
        }
        self._answer(302, b"", headers)

    def _file(self, file: Path) -> None:
        hub, data = self.server.hub, file.read_bytes()
        start, status, headers = 0, 200, {"ETag": f'"{hashlib.sha256(data).hexdigest()}"'}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and hub.ranges:
            start, status = int(asked[1]), 206
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        body = data[start:]
        if hub.wrong and len(data) >= _SMALL:
            hub.wrong -= 1
            body = body[:-1] + bytes([body[-1] ^ 1])
        cut = None
        if hub.breaks and hub.break_after is not None and len(body) > hub.break_after:
            hub.breaks -= 1
            cut = hub.break_after
        self._answer(status, body, headers, cut)

    def _json(self, document: Any, headers: dict[str, str] | None = None) -> None:
        self._answer(200, json.dumps(document).encode(), headers)

    def _answer(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        hub, shown = self.server.hub, body[:cut]
        for begin in range(0, len(shown), 4096):
            part = shown[begin : begin + 4096]
            try:
                self.wfile.write(part)
            except OSError:
                return
            hub.sent += len(part) if status in {200, 206} and self.path.count("api") == 0 else 0
            if hub.slow:
                time.sleep(hub.slow)
        if cut is not None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(1)
