"""Python that believes to be on a Mac: on the path of a test's process, which imports it first.

What Linux has alone is taken away: names of os, socket and select, /proc and /sys for Python's own
calls, and modules of crispd that say they are Linux's. CRISPD_TEST_OBSERVER=polling puts watchdog's
polling in the place of FSEvents.
"""

from __future__ import annotations

import importlib.abc
import os
import select
import socket
import sys
import sysconfig
import types
import warnings

_LOST = {
    os: (
        "sched_getaffinity", "sched_setaffinity", "posix_fadvise", "posix_fallocate", "pipe2",
        "O_PATH", "O_TMPFILE", "O_NOATIME", "RWF_NOWAIT", "memfd_create", "eventfd",
        "copy_file_range", "splice", "getrandom", "pidfd_open", "sched_setscheduler",
    ),
    socket: ("SO_PEERCRED", "SOCK_CLOEXEC", "SOCK_NONBLOCK", "AF_NETLINK", "SO_BINDTODEVICE"),
    select: ("epoll",),
}  # fmt: skip
_FOLDERS = ("/proc", "/sys")
_MODULES = (
    "crispd.platform.linux", "crispd.watch.events.inotify", "crispd.watch.events.watch_tree",
    "watchdog.observers.inotify",
)  # fmt: skip


def _is_linux_s(path: object) -> bool:
    name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
    return name in _FOLDERS or name.startswith(tuple(f"{folder}/" for folder in _FOLDERS))


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"open", "os.listdir", "os.scandir"} and _is_linux_s(arguments[0]):
        raise FileNotFoundError(2, "there is no such thing on a Mac", arguments[0])


def _guard(name: str) -> None:
    call = getattr(os, name)

    def guarded(path: object, *rest: object, **named: object) -> object:
        if _is_linux_s(path):
            raise FileNotFoundError(2, "there is no such thing on a Mac", path)
        return call(path, *rest, **named)

    setattr(os, name, guarded)


class _NotOnAMac(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.startswith(_MODULES):
            raise ImportError(f"{name} is Linux's alone")


sysconfig.get_config_vars()  # of this Python as it was built, before it says another name
sys.platform = "darwin"
for _module, _names in _LOST.items():
    for _name in _names:
        if hasattr(_module, _name):
            delattr(_module, _name)
for _name in ("readlink", "stat", "lstat"):
    _guard(_name)
sys.addaudithook(_refuse)
sys.meta_path.insert(0, _NotOnAMac())
# what urllib asks of macOS
_proxies = types.ModuleType("_scproxy")
_proxies._get_proxy_settings = _proxies._get_proxies = dict  # type: ignore[attr-defined]
sys.modules["_scproxy"] = _proxies

if os.environ.get("CRISPD_TEST_OBSERVER") == "polling":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import watchdog.observers
    from watchdog.observers.polling import PollingObserver

    class _Native(PollingObserver):
        """Not what watchdog falls back to."""

    watchdog.observers.Observer = _Native  # type: ignore[misc]
