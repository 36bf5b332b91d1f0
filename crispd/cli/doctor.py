"""``crispd doctor``: prints findings with advice, or who holds memory."""

from __future__ import annotations

import dataclasses
import socket
from itertools import chain
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from crispd.cli import output
from crispd.doctor.data import check_text
from crispd.doctor.examine import examine
from crispd.doctor.findings import Finding, Level
from crispd.doctor.network import check_announcement
from crispd.doctor.thumbnail_cache import ThumbnailSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.config import Settings
    from crispd.service.memory_table import MemoryHolder

_SIGNS = {Level.GOOD: "  ok ", Level.WARNING: " look", Level.BAD: "  BAD"}
_SIZES = (1_000, 100_000, 1_000_000)


def run(settings: Settings, *, as_json: bool) -> bool:
    """Print; whether nothing is bad."""
    found = []
    wanted = ThumbnailSettings(settings.thumbnail_size, settings.thumbnail_cache_mb)
    house = examine(settings.data_dir, settings.folders, settings.pack, wanted, settings.exclude)
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


def show_memory(settings: Settings, *, as_json: bool) -> None:
    """Print who holds what, here and with more photos. Raises CrispdError."""
    import crispd.server.application  # noqa: F401 - loaded, as a service has it
    from crispd.service.memory_table import measure_memory

    photos, holders = measure_memory(settings)
    if as_json:
        rows = [
            {**dataclasses.asdict(each), "with": {size: each.with_photos(size) for size in _SIZES}}
            for each in holders
        ]
        output.as_json({"photos": photos, "holders": rows})
        return
    table = Table("MB, and of mapped files", box=SIMPLE)
    for column in ("here", *(f"{size:,} photos" for size in _SIZES)):
        table.add_column(column, justify="right")
    for each in holders:
        sizes = (_cell(*each.with_photos(size)) for size in _SIZES)
        table.add_row(each.name, _cell(each.memory_mb, each.files_mb), *sizes)
    table.add_row("all, without what is at most", *_sums(holders))
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    output.line(f"{photos:,} photos are indexed here.")
    output.block(captured.get().rstrip())
    output.line("Mapped files are taken back by the kernel when memory is short, and read again.")


def _sums(holders: list[MemoryHolder]) -> list[str]:
    always = [each for each in holders if not each.name.endswith("at most")]
    columns = [
        [(each.memory_mb, each.files_mb) for each in always],
        *([each.with_photos(size) for each in always] for size in _SIZES),
    ]
    return [_cell(sum(own for own, _ in one), sum(files for _, files in one)) for one in columns]


def _cell(memory_mb: float, files_mb: float) -> str:
    return f"{memory_mb:.0f}" + (f" + {files_mb:.0f}" if files_mb >= 1 else "")
