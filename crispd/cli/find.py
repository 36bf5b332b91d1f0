"""``crispd find``: lists the crispd services that announce themselves on the network."""

from __future__ import annotations

import dataclasses

from crispd.cli import output
from crispd.errors import CrispdError, NotFound
from crispd.server.service_discovery import DiscoveredService, find_services


def run(seconds: float, *, as_json: bool) -> None:
    """Listen, and print what was heard. Raises NotFound, CrispdError."""
    try:
        found = find_services(seconds)
    except OSError as error:
        raise CrispdError(f"The network cannot be listened to: {error}.") from error
    if as_json:
        output.as_json({"services": [dataclasses.asdict(one) for one in found]})
        return
    if not found:
        raise NotFound(
            "No crispd of this house announces itself. On its machine, set announce = true and a "
            "host such as 0.0.0.0; UDP port 5353 has to be open on both."
        )
    for one in found:
        output.line(_line(one))


def _line(one: DiscoveredService) -> str:
    parts = [f"{one.name}  {one.url}", f"version {one.version}"]
    if not one.reached:
        parts.append("does not answer")
    if one.needs_pairing:
        parts.append(f"needs pairing: {one.url}/pair")
    if one.fingerprint:
        parts.append(f"certificate {one.fingerprint} …")
    return "; ".join(parts)
