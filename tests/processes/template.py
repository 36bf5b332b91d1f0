"""``python -m tests.processes.template NUMBER [PRELUDE]``: has imported crispd, and forks.

PRELUDE is a module that is imported before anything of crispd.
NUMBER is a socket. Each message on it asks for one process (``client.Request`` as JSON) and brings
its output, its error output, a pipe that gets its exit code, and sockets that it is handed over.
The answer is its process id.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import time
import warnings
from typing import Any

from tests.processes.activation import hand_over

# What `crispd serve` and the commands load, sooner or later.
_LOADED = (
    "alembic.command", "crispd.server.process", "crispd.cli.app", "crispd.cli.indexing",
    "crispd.images.isolation.isolated_decoder", "crispd.service", "httpx", "jinja2", "rich.console",
)  # fmt: skip
_LONGEST_REQUEST = 1 << 20
_MOST_FILES = 3 + 8


def next_process(requests: socket.socket) -> dict[str, Any] | None:
    """Fork as asked. Returns in each forked process, with what it is to be, and at the end."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.data is not None:
                    waiting.unregister(key.fd)
                    _tell_exit(key.fd, *key.data)
                    continue
                message, files, _, _ = socket.recv_fds(requests, _LONGEST_REQUEST, _MOST_FILES)
                if not message:
                    return None
                pid = _fork()
                if pid == 0:
                    _let_go(waiting)
                    return {**json.loads(message), "files": files}
                out, errors, exit_code, *sockets = files
                for number in (out, errors, *sockets):
                    os.close(number)
                waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, exit_code))
                requests.sendall(b"%d\n" % pid)


def _let_go(waiting: selectors.BaseSelector) -> None:
    """Close what belongs to the template and to the others that it forked."""
    for key in list(waiting.get_map().values()):
        os.close(key.fd)
        if key.data is not None:
            os.close(key.data[1])


def _fork() -> int:
    with warnings.catch_warnings():
        # Python warns of the threads that OpenBLAS has; it stops them before a fork by itself
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _tell_exit(pidfd: int, pid: int, pipe: int) -> None:
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):  # whoever asked is gone
        os.write(pipe, b"%d" % os.waitstatus_to_exitcode(status))
    os.close(pipe)
    os.close(pidfd)


def become(request: dict[str, Any]) -> None:
    """Run the module that was asked for, as ``python -m`` does."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    os.umask(request["umask"])
    out, errors, exit_code, *sockets = request["files"]
    os.close(exit_code)
    for number, source in enumerate((os.open(os.devnull, os.O_RDONLY), out, errors)):
        os.dup2(source, number)
        os.close(source)
    if sockets:
        hand_over(sockets)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "r" if number == 0 else "w", closefd=False)  # noqa: SIM115
        for number in range(3)
    )
    sys.stderr.reconfigure(line_buffering=True)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    sys.argv = [request["module"], *request["arguments"]]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for name in (*sys.argv[2:], *_LOADED):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is looked through for garbage is written to, and no longer shared
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: whoever asks ends it
    asked = next_process(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        become(asked)
