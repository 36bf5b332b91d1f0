"""``crispd doctor``: prints findings as they come, with advice for the bad ones."""

from __future__ import annotations

import dataclasses
import socket
from itertools import chain
from typing import TYPE_CHECKING

from crispd.cli import output
from crispd.doctor.data import check_text
from crispd.doctor.examine import examine
from crispd.doctor.findings import Finding, Level
from crispd.doctor.network import check_announcement
from crispd.doctor.thumbnail_cache import ThumbnailSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.config import Settings

_SIGNS = {Level.GOOD: "  ok ", Level.WARNING: " look", Level.BAD: "  BAD"}


def run(settings: Settings, *, as_json: bool) -> bool:
    """Print; whether nothing is bad."""
    found = []
    wishes = ThumbnailSettings(settings.thumbnail_size, settings.thumbnail_cache_mb)
    house = examine(settings.data_dir, settings.folders, settings.pack, wishes, settings.exclude)
    for finding in chain(house, [check_text(settings.read_text)], _network(settings)):
        found.append(finding)
        if not as_json:
            output.line(f"{_SIGNS[finding.level]}  {finding.what}: {finding.seen}")
            if finding.do:
                output.line(f"       {finding.do}")
    if as_json:
        output.as_json([dataclasses.asdict(finding) for finding in found])
    return all(finding.level is not Level.BAD for finding in found)


def _network(settings: Settings) -> Iterator[Finding]:
    if not settings.announce:
        return
    from crispd.auth.access_policy import is_loopback
    from crispd.server.mdns import network_addresses

    loopback = is_loopback(settings.host)
    addresses = () if loopback else network_addresses(_resolved(settings.host))
    yield check_announcement(settings.host, loopback=loopback, addresses=addresses)


def _resolved(host: str) -> list[str]:
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, None)]
    except OSError:
        return []
