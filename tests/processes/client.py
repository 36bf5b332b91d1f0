"""``python -m MODULE`` in a process of its own, forked from one that has imported crispd already.

Imports take more than a second of a processor, and the tests start hundreds of processes. What is
forked is a process like any: it has its own id, memory, threads, environment, output and end. A new
interpreter is started each time with ``CRISPD_TEST_FRESH=1`` (as ``make test-all`` has it), and for
a test that asks for a ``fresh`` one.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).parents[2]
FRESH = os.environ.get("CRISPD_TEST_FRESH", "") not in {"", "0"}


# What systemd does between fork and exec: descriptors from 3 on, in the order of the unit.
_ACTIVATED = """
import os, sys
from tests.processes.activation import hand_over
hand_over([int(text) for text in sys.argv[1].split(",")])
os.execv(sys.argv[2], sys.argv[2:])
"""


class Process(Protocol):
    """What ``subprocess.Popen`` and ``Forked`` have in common."""

    pid: int

    def poll(self) -> int | None:
        """The exit code of a process that has ended; -N where signal N ended it."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """To a process that runs."""

    def kill(self) -> None:
        """kill -9."""


def start(
    module: str,
    *arguments: object,
    environment: Mapping[str, str],
    out: IO[bytes],
    errors: IO[bytes] | None = None,
    folder: Path = ROOT,
    fresh: bool = False,
    prelude: str | None = None,
    sockets: Sequence[socket.socket] = (),
) -> Process:
    """Start it. ``errors``: the same as ``out`` where nothing is said.

    ``sockets``: handed over as systemd does, from descriptor 3 on and with LISTEN_PID.
    ``prelude``: a module that is there before anything of crispd is imported. As a program it runs
    the module that it is given, as ``python -m`` does.
    """
    errors = errors or out
    words = [str(argument) for argument in arguments]
    if fresh or FRESH:
        program = [sys.executable, "-m", *filter(None, [prelude]), module, *words]
        numbers = [sock.fileno() for sock in sockets]
        if numbers:
            program = [sys.executable, "-c", _ACTIVATED, ",".join(map(str, numbers)), *program]
        return subprocess.Popen(
            program, pass_fds=numbers,
            env={"PYTHONPATH": str(ROOT), **environment}, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=out, stderr=errors,
        )  # fmt: skip
    umask = os.umask(0)
    os.umask(umask)
    request = {
        "module": module, "arguments": words, "environment": {**environment},
        "folder": str(folder), "umask": umask,
    }  # fmt: skip
    return _template(prelude).fork(request, out, errors, sockets)


def run(
    module: str,
    *arguments: object,
    environment: Mapping[str, str],
    folder: Path = ROOT,
    timeout: float = 60,
    fresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, and say what it wrote. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = start(
            module, *arguments, environment=environment, out=out, errors=errors, folder=folder,
            fresh=fresh,
        )  # fmt: skip
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        words = ["-m", module, *map(str, arguments)]
        return subprocess.CompletedProcess(words, code, _text(out), _text(errors))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace").replace("\r\n", "\n")


class Forked:
    """A child of the template."""

    def __init__(self, pid: int, exit_code: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._exit_code = exit_code  # the end of a pipe to read from

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._exit_code], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(os.read(self._exit_code, 16))
            os.close(self._exit_code)
        return self.returncode

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Template:
    """One a run of pytest, or one a worker of it; and one for each prelude."""

    def __init__(self, prelude: str | None) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # an environment as processes get it: some of it counts before Python begins
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "tests.processes.template", str(theirs.fileno()),
                    *filter(None, [prelude]),
                ],
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}, cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            )  # fmt: skip
        self._one_at_a_time = threading.Lock()
        atexit.register(self._end)

    def fork(
        self,
        request: dict[str, object],
        out: IO[bytes],
        errors: IO[bytes],
        sockets: Sequence[socket.socket],
    ) -> Forked:
        ours, theirs = os.pipe()
        files = [out.fileno(), errors.fileno(), theirs, *(sock.fileno() for sock in sockets)]
        with self._one_at_a_time:
            socket.send_fds(self._requests, [json.dumps(request).encode()], files)
            answer = self._requests.recv(64)
        os.close(theirs)
        assert answer, "the process that tests are forked from has ended"
        return Forked(int(answer), ours)

    def _end(self) -> None:
        self._requests.close()
        self._process.wait(20)


_template = cache(_Template)
