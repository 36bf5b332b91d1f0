"""A real crispd process on a real port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.api.documented import documented
from tests.processes import client

ALBUM = Path(__file__).parents[2] / "crispd" / "sample_album"
_START_SECONDS = 60.0


def environment_of(data: Path, **settings: str) -> dict[str, str]:
    """An environment with nothing in it but what is said here."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(data.parent),
        "PYTHONPATH": str(ALBUM.parents[1]),
        "CRISPD_DATA_DIR": str(data),
        "HF_ENDPOINT": "http://127.0.0.1:9",  # nobody: no test asks a hub of the world
        "CRISPD_PORT": "48642",  # nobody: no test asks the crispd that somebody runs here
        "CRISPD_PACK": "mini",  # and none chosen by how busy this machine is
        "CRISPD_READ_TEXT": "off",  # whether its models are installed or not
        **{f"CRISPD_{name.upper()}": value for name, value in settings.items()},
    }


def command(
    data: Path, *words: object, timeout: float = 90, **settings: str
) -> subprocess.CompletedProcess[str]:
    """``crispd`` with these words, to its end."""
    environment = environment_of(data, **settings)
    return client.run("crispd", *words, environment=environment, timeout=timeout)


class Server:
    """``crispd serve`` over folders and a data folder, on any free port.

    ``counted``: a file that gets a line for every picture that is encoded (see ``counted``).
    ``clock``: one that says how far the wall clock is off (see ``clocked``).
    ``fresh``: by an interpreter of its own from the beginning (see ``tests.processes``); else only
    where there is an ``environment``.
    """

    def __init__(
        self,
        data: Path,
        *folders: Path,
        counted: Path | None = None,
        clock: Path | None = None,
        fresh: bool | None = None,
        environment: dict[str, str] | None = None,
        **settings: str,
    ) -> None:
        self.data, self.folders = data, folders
        program, words = "crispd", [*map(str, folders)]
        if counted is not None:
            program, words = "tests.e2e.counted", [str(counted), "serve", *words]
        else:
            words.insert(0, "serve")
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        self._wrote = ""
        self._process = client.start(
            program,
            *words,
            environment=environment_of(data, port="0", **settings)
            | ({"CRISPD_TEST_CLOCK": str(clock)} if clock else {})
            | (environment or {}),
            out=self._output,
            # what is loaded before Python has to be there from the beginning
            fresh=environment is not None if fresh is None else fresh,
            prelude="tests.e2e.clocked" if clock else None,
        )
        address = self._wait_for_address()
        self.http = httpx.Client(
            base_url=address, timeout=20, verify=False, event_hooks={"response": [documented]}
        )

    @property
    def lines(self) -> list[str]:
        """All it wrote so far, log and terminal."""
        if not self._output.closed:
            number = self._output.fileno()  # its own place in the file is where crispd writes
            self._wrote = os.pread(number, os.fstat(number).st_size, 0).decode(errors="replace")
        return self._wrote.splitlines(keepends=True)

    def _wait_for_address(self) -> str:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            found = re.search(r"listening at (https?://[^\s,]+)", "".join(self.lines))
            if found:
                return found[1]
            time.sleep(0.02)
        self.exit_code = self.stop()
        raise AssertionError("crispd did not start:\n" + "".join(self.lines))

    def get(self, path: str, **parameters: object) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.http.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def status(self) -> dict[str, Any]:
        """``/status``."""
        return self.get("/status")

    def hits(self) -> dict[str, dict[str, Any]]:
        """Every searchable photo by its path, as a search says."""
        results = self.get("/search", q="photo", limit=200, min_relevance="all")["results"]
        assert len({hit["id"] for hit in results}) == len(results)
        return {hit["path"]: hit for hit in results}

    def paths(self) -> set[str]:
        """Every searchable path."""
        return set(self.hits())

    def settle(self, seconds: float = 60) -> dict[str, Any]:
        """Wait until nothing is pending."""
        return self.until(lambda s: not s["pending"] and not s["scanning"], seconds)

    def until(self, condition: Any, seconds: float) -> dict[str, Any]:
        """Wait until ``condition(status)`` holds."""
        end = time.monotonic() + seconds
        while not condition(status := self.status()):
            assert time.monotonic() < end, f"{status}\n{''.join(self.lines)}"
            time.sleep(0.05)
        return status

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def kill(self) -> None:
        """kill -9."""
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> int:
        """As systemd stops it; the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._end()

    def wait(self) -> int:
        """Wait for it to end by itself; the exit code."""
        return self._end()

    def _end(self) -> int:
        code = self._process.wait(20)
        _ = self.lines
        self._output.close()
        if hasattr(self, "http"):
            self.http.close()
        return code
