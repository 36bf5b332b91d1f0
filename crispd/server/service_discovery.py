"""Service discovery: crispd services that announce ``_crispd._tcp``, and their addresses."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import NotFound
from crispd.server.mdns import SERVICE, network_addresses

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, ServiceStateChange, Zeroconf

_KNOCK_SECONDS = 1.0
_ASK_MS = 2000


@dataclass(frozen=True, slots=True)
class DiscoveredService:
    """A service. ``url``: an address that responds, else the first that was announced.

    ``fingerprint``: the first digits of its authority's; empty without an authority.
    """

    name: str
    url: str
    reached: bool
    addresses: tuple[str, ...]
    version: str
    needs_pairing: bool
    fingerprint: str


def find_services(seconds: float) -> list[DiscoveredService]:
    """Listen for so long; by name. Raises NotFound without a network, OSError."""
    from zeroconf import ServiceBrowser, Zeroconf

    own = network_addresses(("0.0.0.0", "::"))
    if not own:
        raise NotFound("This machine has no network to look in: it has no address but its own.")
    names: set[str] = set()

    # called by the names of its parameters
    def heard(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        (names.discard if state_change.name == "Removed" else names.add)(name)

    with contextlib.closing(Zeroconf(interfaces=list(own))) as network:
        browser = ServiceBrowser(network, SERVICE, handlers=[heard])
        time.sleep(seconds)
        browser.cancel()  # ends the thread that calls
        infos = [network.get_service_info(SERVICE, name, _ASK_MS) for name in sorted(names)]
    return [_read(info) for info in infos if info is not None and info.parsed_addresses()]


def _read(info: ServiceInfo) -> DiscoveredService:
    facts = {
        key.decode("utf-8", "replace"): (value or b"").decode("utf-8", "replace")
        for key, value in info.properties.items()
    }
    addresses = tuple(sorted(info.parsed_addresses(), key=lambda one: (":" in one, one)))
    port = info.port or 0
    answering = next((each for each in addresses if _answers(each, port)), None)
    return DiscoveredService(
        name=info.name.removesuffix(f".{SERVICE}"),
        url=_url(facts.get("tls") == "1", answering or addresses[0], port),
        reached=answering is not None,
        addresses=addresses,
        version=facts.get("version", ""),
        needs_pairing=facts.get("pair") == "1",
        fingerprint=facts.get("fp", ""),
    )


def _answers(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), _KNOCK_SECONDS):
        return True
    return False


def _url(tls: bool, address: str, port: int) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{'https' if tls else 'http'}://{host}:{port}"
