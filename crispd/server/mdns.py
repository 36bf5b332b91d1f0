"""Announcement of the service by multicast DNS, if the setting ``announce`` is on.

DNS-SD (RFC 6763) over mDNS (RFC 6762), service type ``_crispd._tcp``. The announcement has a host
name of its own, so it never conflicts with the system's responder (Avahi, systemd-resolved).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from crispd.auth.access_policy import is_loopback
from crispd.auth.local_credentials import own_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf

log = logging.getLogger(__name__)

SERVICE = "_crispd._tcp.local."
_LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 2.0
_LONGEST_NAME = 60  # bytes: 63 of a label, less the "-2" of a name that is taken
_FINGERPRINT_DIGITS = 16
# Bridges and ends of cables that container engines make: nobody in the house is there.
_INSIDE = re.compile(r"docker\d+|br-[0-9a-f]{12}|veth.*|virbr\d+|podman\d+|cni.*|lx[cd]br\d+")


@dataclass(frozen=True, slots=True)
class Announcement:
    """``name`` for people, ``host`` a name in ``.local``, ``facts`` what the TXT record says."""

    name: str
    host: str
    port: int
    facts: Mapping[str, str]


def announced_host(key: bytes) -> str:
    """A host name of this data folder's own, the same at every start. ``key`` is not told by it."""
    return f"crispd-{hmac.new(key, b'mdns', hashlib.sha256).hexdigest()[:8]}.local"


def announced_name(name: str) -> str:
    """The name that was given, or that of this machine; short enough for a label of DNS."""
    text = name or socket.gethostname().partition(".")[0] or "crispd"
    return text.encode()[:_LONGEST_NAME].decode("utf-8", "ignore")


def txt_record_of(
    version: str, fingerprint: str | None, *, tls: bool, pairing: bool
) -> dict[str, str]:
    """The TXT record. Nothing in it is a secret: everybody on the network reads it."""
    known = {
        "version": version,
        "path": "/",
        "tls": "1" if tls else "0",
        "pair": "1" if pairing else "0",
    }
    return known | ({"fp": fingerprint[:_FINGERPRINT_DIGITS]} if fingerprint else {})


def network_addresses(bound: Sequence[str]) -> tuple[str, ...]:
    """Addresses of this machine at which others reach what listens on ``bound``, likeliest first.

    Never loopback, and no IPv6 address that needs an interface's name beside it. Raises OSError.
    """
    import ifaddr

    here = [
        address
        for adapter in ifaddr.get_adapters()
        if not _INSIDE.fullmatch(adapter.name)
        for ip in adapter.ips
        if _reaches(address := str(ip.ip if ip.is_IPv4 else ip.ip[0]), bound)
    ]
    first = {own_address(family) for family in (socket.AF_INET, socket.AF_INET6)}
    return tuple(sorted(dict.fromkeys(here), key=lambda address: (address not in first, address)))


def _reaches(address: str, bound: Sequence[str]) -> bool:
    found = ip_address(address)
    if found.is_loopback or (found.version == 6 and found.is_link_local):
        return False
    # a socket on :: takes IPv4 as well
    anywhere = {"::"} if found.version == 6 else {"0.0.0.0", "::"}
    return address in bound or bool(anywhere.intersection(bound))


class MdnsAnnouncer:
    """Belongs to the event loop. Follows addresses that come and go until it is withdrawn."""

    def __init__(self, what: Announcement, bound: Sequence[str]) -> None:
        self._what = what
        self._bound = tuple(bound)
        self._known: tuple[str, ...] = ()
        self._responder: AsyncZeroconf | None = None
        self._name = f"{what.name}.{SERVICE}"
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; waits where the machine has no address yet."""
        # It logs with a traceback what it cannot send, as it cannot when a cable is pulled.
        logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
        self._task = asyncio.create_task(self._follow(), name="crispd-mdns")

    async def withdraw(self) -> None:
        """Say goodbye; within two seconds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._end()

    async def _follow(self) -> None:
        from zeroconf import Error

        told = ""
        while True:
            try:
                await self._look()
                told = ""
            except (OSError, RuntimeError, Error) as error:
                if told != (told := str(error) or type(error).__name__):
                    log.warning("crispd cannot be announced on the network: %s", told)
                await self._end()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        found = await asyncio.to_thread(network_addresses, self._bound)
        if found == self._known:
            return
        if not found:
            log.info("no network: crispd is announced when there is one")
            await self._end()
        elif self._responder is None:
            await self._begin(found)
        else:
            await self._move(self._responder, found)
        self._known = found

    async def _begin(self, addresses: tuple[str, ...]) -> None:
        from zeroconf.asyncio import AsyncZeroconf

        self._responder = AsyncZeroconf(interfaces=list(addresses))
        info = self._info(addresses)
        # where somebody has the name already it becomes "name-2"
        await (await self._responder.async_register_service(info, allow_name_change=True))
        self._name = info.name
        shown = info.name.removesuffix(f".{SERVICE}")
        log.info("announced as %r at %s", shown, ", ".join(addresses))

    async def _move(self, responder: AsyncZeroconf, addresses: tuple[str, ...]) -> None:
        """First the addresses, then the interfaces: new ones never hear of old addresses."""
        await (await responder.async_update_service(self._info(addresses)))
        await responder.async_update_interfaces(list(addresses))
        log.info("announced at %s from now on", ", ".join(addresses))

    def _info(self, addresses: tuple[str, ...]) -> ServiceInfo:
        from zeroconf import ServiceInfo

        return ServiceInfo(
            SERVICE,
            self._name,
            port=self._what.port,
            properties=dict(self._what.facts),
            server=f"{self._what.host}.",
            parsed_addresses=list(addresses),
        )

    async def _end(self) -> None:
        from zeroconf import Error

        responder, self._responder, self._known = self._responder, None, ()
        if responder is None:
            return
        try:
            await asyncio.wait_for(responder.async_close(), _PATIENCE_SECONDS)
        except (OSError, RuntimeError, Error) as error:  # its network is gone: nobody would hear it
            log.info("the announcement could not be withdrawn: %s", error)


def listens_on_the_network(bound: Sequence[str]) -> bool:
    """Whether there is anything to announce."""
    return any(not is_loopback(address) for address in bound)
