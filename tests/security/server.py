"""The real server before a fake house, in a process of its own, with settings by environment."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import httpx

from tests.api.documented import documented
from tests.api.fake_service import CONTENT
from tests.processes import client

ROOT = Path(__file__).parents[2]


class Guarded:
    """A server that asks for tokens, and the local token of its data folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        path = folder / "original.jpg"
        path.write_bytes(CONTENT)
        self._out = folder / "out"
        settings = {"auth": "required", **settings}
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            **{f"CRISPD_{name.upper()}": value for name, value in settings.items()},
        }
        with self._out.open("wb") as out:
            self._run = client.start(
                "tests.api.serve_fake", path, "well", environment=environment, out=out
            )
        try:
            self.address = self._address()
        except BaseException:
            self._run.kill()
            self._run.wait()
            raise
        self.port = int(self.address.rpartition(":")[2])
        self.http = httpx.Client(
            base_url=self.address, timeout=10, verify=False, event_hooks={"response": [documented]}
        )
        end = time.monotonic() + 10
        while not (self.data / "local-token").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        self.local = (self.data / "local-token").read_text().strip()

    @property
    def said(self) -> str:
        """All it wrote, log and terminal."""
        return self._out.read_text()

    def _address(self) -> str:
        end = time.monotonic() + 60
        while not (found := re.search(r"listening at (https?://\S+)", self.said)):
            assert time.monotonic() < end, self.said
            assert self._run.poll() is None, self.said
            time.sleep(0.02)
        return found[1]

    @property
    def pid(self) -> int:
        return self._run.pid

    def admin(self, method: str, path: str, **more: object) -> httpx.Response:
        """A call of the hub's own commands."""
        return self.http.request(method, path, headers=bearer(self.local), **more)  # type: ignore[arg-type]

    def device(self, name: str, *scopes: str) -> dict[str, str]:
        """A new device with its token."""
        answer = self.admin("POST", "/devices", json={"name": name, "scopes": list(scopes)})
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made

    def stop(self) -> int:
        """As systemd stops it."""
        self.http.close()
        if self._run.poll() is None:
            self._run.send_signal(signal.SIGTERM)
        return self._run.wait(20)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def flipped(token: str, at: int) -> str:
    """Another letter in one place: never the same text, whatever the token is."""
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
