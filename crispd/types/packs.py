"""Packs: those that are here, those that could be, and what is being done about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from crispd.types.arrays import Pixels

PackState = Literal["active", "target", "previous", "installed", "available"]
SwitchState = Literal["idle", "encoding", "waiting", "checking", "switching"]
PullState = Literal["idle", "pulling", "checking", "done", "failed"]
MachineKind = Literal["hub", "nas", "desktop"]


@dataclass(frozen=True, slots=True)
class PackQuality:
    """Published figures in percent: text to image R@1 over Flickr30k and COCO, zero-shot ImageNet;
    ``multilingual``: a sentence; ``german``: recall in German as Immich measured it. None where
    ``source`` has none.
    """

    flickr30k: float | None = None
    coco: float | None = None
    imagenet: float | None = None
    multilingual: str | None = None
    german: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class PackEntry:
    """A pack. ``name``: what commands call it; ``id``: name and version, of one that is here.

    ``download_mb``: what would come, or lies here; ``memory_mb`` and ``relative_cost`` (of a photo,
    the bundled pack being 1) are estimates. ``machines``: for which it is meant. ``commit``: which
    of ``repository`` it is.
    """

    name: str
    state: PackState
    id: str | None = None
    title: str = ""
    languages: tuple[str, ...] = ()
    licence: str = ""
    research_only: bool = False
    download_mb: int | None = None
    memory_mb: int | None = None
    relative_cost: float | None = None
    dimensions: int | None = None
    pixels: int | None = None
    machines: tuple[MachineKind, ...] = ()
    quality: PackQuality = PackQuality()
    repository: str | None = None
    commit: str | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PackSwitchProgress:
    """How far a change of the pack is. ``pack``: the one that shall answer; ``done`` of ``total``
    photos have its vectors.
    """

    state: SwitchState = "idle"
    pack: str | None = None
    done: int = 0
    total: int = 0
    images_per_second: float = 0.0
    eta_seconds: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class PackPullProgress:
    """How far a download is, in bytes."""

    state: PullState = "idle"
    pack: str | None = None
    done: int = 0
    total: int = 0
    bytes_per_second: float = 0.0
    eta_seconds: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedPack:
    """A pack that was tried, and why it does not answer."""

    pack: str
    reason: str


@dataclass(frozen=True, slots=True)
class PackOverview:
    """All of it. ``recommended``: a better pack that suits this machine, None where there is none;
    ``recommended_hours``: what encoding all photos again would take; ``why``: in a sentence.
    ``workers``: machines that encode for this one now, with how many photos each did.
    """

    packs: tuple[PackEntry, ...]
    switch: PackSwitchProgress
    pull: PackPullProgress
    refused: RefusedPack | None = None
    recommended: str | None = None
    recommended_hours: float | None = None
    why: str = ""
    workers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lease:
    """Photos that are lent to a worker. ``pixels``: uint8 [n, size, size, 3], to be encoded by
    ``pack``.
    """

    id: str
    pack: str
    pixels: Pixels
