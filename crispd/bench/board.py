"""What was measured, with what the next photos take, and as a line of a table of boards."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.memory_plan import photos_mb
from crispd.platform.memory import present_mb
from crispd.platform.processor import machine_name, usable_cores

if TYPE_CHECKING:
    from crispd.bench.indexing import IndexingFigures
    from crispd.bench.sample import Sample
    from crispd.bench.searching import SearchFigures

NEXT = 10_000
HEAD = "| machine | cores | RAM | Python | pack | photos/s | search p50/p95, ms | MB |"


@dataclass(frozen=True, slots=True)
class Board:
    """``name``: of the board or the processor; ``memory_mb``: None where nobody knows."""

    name: str
    architecture: str
    cores: int
    memory_mb: int | None
    python: str


@dataclass(frozen=True, slots=True)
class NextPhotos:
    """What so many more photos take: time, room in the data folder, memory while crispd runs."""

    photos: int
    seconds: float
    disk_mb: float
    memory_mb: float


def this_machine() -> Board:
    """As the system tells it."""
    memory = present_mb()
    return Board(
        machine_name(),
        platform.machine(),
        usable_cores(),
        None if memory is None else round(memory),
        platform.python_version(),
    )


def next_photos(sample: Sample, indexing: IndexingFigures, photos: int = NEXT) -> NextPhotos:
    """Photos like those of the sample; the slower one, processor or disk, decides."""
    each = max(1 / indexing.photos_per_second, sample.read_ms / 1000)
    return NextPhotos(
        photos,
        round(photos * each),
        round(photos * indexing.disk_bytes / 2**20),
        round(photos_mb(photos)),
    )


def board_line(
    machine: Board, indexing: IndexingFigures, search: SearchFigures, memory_mb: float
) -> str:
    """Of a table with ``HEAD``."""
    memory = "?" if machine.memory_mb is None else f"{machine.memory_mb / 1024:.1f} GB"
    cells = [
        f"{machine.name} ({machine.architecture})",
        machine.cores,
        memory,
        machine.python,
        indexing.pack,
        f"{indexing.photos_per_second:.1f}",
        f"{search.p50_ms:.1f}/{search.p95_ms:.1f} ({search.photos:,} photos)",
        f"{memory_mb:.0f}",
    ]
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"
