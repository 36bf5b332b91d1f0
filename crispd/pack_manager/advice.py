"""Advice: which pack suits this machine, library and languages, and what it would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import MachineKind, PackEntry

# Of photos of a hundred; what nobody waits for any more.
_MOST_HOURS = 72.0
# Text encoder and index beside the encoder, and what crispd itself needs.
_BESIDE_MB = 300
_HUB_MB, _NAS_MB = 3000, 12_000


@dataclass(frozen=True, slots=True)
class Machine:
    """``photos_a_second``: of the bundled pack's image encoder, as measured; ``memory_mb``: None
    where nobody knows.
    """

    photos_a_second: float
    memory_mb: int | None

    @property
    def kind(self) -> MachineKind:
        """By its memory, which decides what can be held."""
        memory = self.memory_mb or _HUB_MB
        return "hub" if memory <= _HUB_MB else "nas" if memory <= _NAS_MB else "desktop"


@dataclass(frozen=True, slots=True)
class Advice:
    """``fits``: whether memory and time allow it; ``why``: why not. ``hours``: to encode all."""

    entry: PackEntry
    hours: float
    fits: bool
    why: str = ""


def advise(
    packs: Sequence[PackEntry], machine: Machine, photos: int, languages: Sequence[str] = ()
) -> list[Advice]:
    """All of them, the one to take first.

    Of those that fit, packs that read all ``languages`` go before others, packs without a licence
    for research alone before those with one, and then the published figures decide: for other
    languages than English the recall in German.
    """
    found = [_judged(entry, machine, photos) for entry in packs]
    return sorted(found, key=lambda one: _rank(one, languages), reverse=True)


def _judged(entry: PackEntry, machine: Machine, photos: int) -> Advice:
    cost = (entry.relative_cost or 1.0) / max(machine.photos_a_second, 1e-6)
    hours = photos * cost / 3600
    memory = machine.memory_mb
    if memory is not None and (entry.memory_mb or 0) + _BESIDE_MB > memory * 0.75:
        return Advice(entry, hours, False, f"it needs {entry.memory_mb} MB of {memory} MB")
    if hours > _MOST_HOURS:
        return Advice(entry, hours, False, f"it would take {hours / 24:.0f} days to encode all")
    return Advice(entry, hours, True)


def _rank(one: Advice, languages: Sequence[str]) -> tuple[bool, bool, bool, float, float]:
    entry, others = one.entry, set(languages) - {"en"}
    reads = set(languages) <= set(entry.languages)
    # the only figure that stands for other languages than English
    german = (entry.quality.german or 0.0) if others else 0.0
    return one.fits, reads, not entry.research_only, german, _quality(entry)


def _quality(entry: PackEntry) -> float:
    """One figure to compare by: R@1 of Flickr30k, and below any where only others are known."""
    figure = entry.quality.flickr30k
    return 60.0 if figure is None else figure
