"""Unit files: one template for the Debian package, for this machine and for one user.

Directives: systemd.exec(5), systemd.service(5), systemd.resource-control(5). Nothing newer than
systemd 252 (Debian 12) is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "crispd"
# Out of sight of the service, but for what is bound into it: ProtectHome= and PrivateTmp=.
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")
# Where people of the house are. Nothing else can be reached, nor reach it.
_HOUSE = "localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"
_MDNS = "224.0.0.251 ff02::fb"  # where announcements go

_EVERYWHERE = """\
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
# AF_NETLINK: which addresses this machine has, for announcements.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077
"""
# Not ProcSubset=pid: memory, processor and mounts are read from /proc.
_AS_A_SYSTEM_SERVICE = """\
CapabilityBoundingSet=
AmbientCapabilities=
DevicePolicy=closed
KeyringMode=private
PrivateDevices=yes
PrivateIPC=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
# All of the file system is read-only, photos too, but for the data folder.
ProtectSystem=strict
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """The values that differ between installations.

    ``user`` None: a user of its own that systemd makes (DynamicUser). ``per_user``: for the service
    manager of one person. ``bound`` are paths below ``HIDDEN`` that are read, ``written`` data
    folders other than /var/lib/crispd. ``memory`` is a value of MemoryMax.
    """

    command: tuple[str, ...]
    memory: str
    user: str | None = None
    per_user: bool = False
    cpu_weight: int = 50
    environment: Mapping[str, str] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    def service(self) -> str:
        """The text of ``crispd.service``. Raises ConfigError for paths no unit can hold."""
        parts = [
            self._head(),
            "[Service]",
            self._process(),
            self._shares(),
            _EVERYWHERE if self.per_user else self._fences(),
            f"[Install]\nWantedBy={'default' if self.per_user else 'multi-user'}.target",
        ]
        return "\n".join(part for part in parts if part) + "\n"

    def _head(self) -> str:
        after = "" if self.per_user else "After=local-fs.target remote-fs.target network.target\n"
        return (
            "[Unit]\nDescription=crispd, search for the photos of this house\n"
            "# Drives and shares may come and go: they are waited for at the start, not required.\n"
            f"{after}"
            "# What stopped it may pass by itself: a drive, a port, a full disk.\n"
            "StartLimitIntervalSec=0\n"
        )

    def _process(self) -> str:
        settings = "".join(
            f"Environment={quoted(f'{name}={value}')}\n" for name, value in self.environment.items()
        )
        command = " ".join(quoted(word, command=True) for word in self.command)
        return (
            f"Type=notify\nNotifyAccess=main\nExecStart={command}\n{settings}{self._who()}"
            "# A migration or a new index of a large library takes its time on a small board.\n"
            "TimeoutStartSec=30min\n"
            "# It stops within ten seconds.\nTimeoutStopSec=20\n"
            "WatchdogSec=60\nRestart=on-failure\nRestartSec=10\n"
        )

    def _shares(self) -> str:
        return (
            "# What crispd plans for itself, and some room; the kernel ends it beyond.\n"
            f"MemoryMax={self.memory}\n"
            "# Others go first when all are busy; 100 is what they have.\n"
            f"CPUWeight={self.cpu_weight}\nIOWeight={self.cpu_weight}\nOOMScoreAdjust=200\n"
        )

    def _who(self) -> str:
        if self.per_user:
            return ""
        user = f"User={self.user}\n" if self.user else f"DynamicUser=yes\nUser={NAME}\n"
        return f"{user}StateDirectory={NAME}\nStateDirectoryMode=0700\n"

    def _fences(self) -> str:
        home = "tmpfs" if self.bound or self._hidden(self.written) else "yes"
        lines = [f"ProtectHome={home}", f"IPAddressAllow={_HOUSE} {_MDNS}", "IPAddressDeny=any"]
        lines += [f"ReadOnlyPaths={quoted('-' + path)}" for path in self.read]
        lines += [f"BindReadOnlyPaths={quoted('-' + path)}" for path in self.bound]
        for path in self.written:
            kind = "BindPaths" if is_hidden(path) else "ReadWritePaths"
            lines.append(f"{kind}={quoted(path)}")
        return _EVERYWHERE + _AS_A_SYSTEM_SERVICE + "\n".join(lines) + "\n"

    @staticmethod
    def _hidden(paths: Iterable[str]) -> bool:
        return any(map(is_hidden, paths))


def socket_unit(host: str, port: int) -> str:
    """The text of ``crispd.socket``: systemd listens, and starts crispd for the first caller."""
    address = f"[{host}]" if ":" in host else host
    return (
        "[Unit]\nDescription=Address of crispd, search for the photos of this house\n\n"
        f"[Socket]\nListenStream={address}:{port}\nNoDelay=yes\n\n"
        "[Install]\nWantedBy=sockets.target\n"
    )


def is_hidden(path: str) -> bool:
    """Whether a service with ProtectHome= and PrivateTmp= cannot see ``path`` as it is."""
    return any(path == top or path.startswith(top + "/") for top in HIDDEN)


def quoted(text: str, *, command: bool = False) -> str:
    """A value in quotes where it needs them: systemd.syntax(7). ``command``: also against ``$``."""
    if not text.isprintable():  # also bytes that are no UTF-8, which Python reads as surrogates
        raise ConfigError(f"{text!r} has characters that a systemd unit cannot hold.")
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if command:
        safe = safe.replace("$", "$$")
    return f'"{safe}"' if any(sign in text for sign in " \"'\\;") else safe


def packaged() -> Unit:
    """The unit of the Debian package, as ``systemd/crispd.service`` holds it.

    crispd plans half of the limit it finds itself in, at most 2 GB.
    """
    return Unit(
        command=("/usr/lib/crispd/bin/crispd", "serve"),
        memory="80%",
        user=NAME,
        environment={"XDG_DATA_HOME": "/var/lib"},
    )
