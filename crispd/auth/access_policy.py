"""The access policy: who needs a token, as the settings say."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from crispd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

Auth = Literal["auto", "required", "off"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# What home routers call the house; RFC 6762, RFC 8375, and what ICANN keeps for private use.
_SUFFIXES = ("", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".fritz.box")


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Who needs a token, which host names are valid, and which proxies are trusted.

    ``required``: everybody needs a token. ``off``: nobody does. Neither: only programs on this
    machine need none, and a request through a proxy does.
    """

    required: bool = False
    off: bool = False
    proxies: tuple[Network, ...] = ()
    hosts: frozenset[str] = field(default_factory=lambda: own_names())
    wildcards: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()

    def is_proxy(self, address: str) -> bool:
        """Whether what this address says of others is believed."""
        return any(is_inside(address, network) for network in self.proxies)


def make_access_policy(
    host: str,
    auth: Auth,
    proxies: Sequence[str] = (),
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
    public_url: str = "",
) -> AccessPolicy:
    """Rules of plain settings. Raises ConfigError that names the wrong one."""
    networks = tuple(_network(text) for text in proxies)
    names = [name.lower().rstrip(".") for name in hosts]
    named = {urlsplit(public_url).hostname or host.lower(), host.lower()}
    required = auth == "required" or (auth == "auto" and (not is_loopback(host) or bool(networks)))
    return AccessPolicy(
        required=required,
        off=auth == "off",
        proxies=networks,
        hosts=own_names() | {name for name in names if not name.startswith("*.")} | named,
        wildcards=tuple(name[1:] for name in names if name.startswith("*.")),
        origins=frozenset(_origin(text) for text in origins),
    )


def own_names() -> frozenset[str]:
    """``localhost`` and what this machine may be called in a house."""
    name = socket.gethostname().lower().rstrip(".")
    first = name.partition(".")[0]
    return frozenset({"localhost", name, *(f"{first}{suffix}" for suffix in _SUFFIXES)} - {""})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address to listen on."""
    if host.lower() == "localhost":
        return True
    found = _address(host)
    return found is not None and found.is_loopback


def is_address(host: str) -> bool:
    """Whether it is an IP address and no name."""
    return _address(host) is not None


@lru_cache(maxsize=256)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_inside(address: str, network: Network) -> bool:
    """Whether an address is one of a network."""
    found = _address(address)
    return found is not None and found.version == network.version and found in network


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ConfigError(
            f"trusted_proxies: {text!r} is no address or network, such as 127.0.0.1 or 10.0.0.0/24."
        ) from error


def _origin(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.scheme in {"http", "https"} and parts.netloc and not parts.path.strip("/")
    if not plain or "*" in text:
        raise ConfigError(
            f"allowed_origins: {text!r} is no origin, such as https://dashboard.lan:8123."
        )
    return text.rstrip("/").lower()
