"""Responses about model packs, and jobs of workers, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.client.models import Model

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class PackQuality(Model):
    """Published figures in percent: text to image R@1 over Flickr30k and COCO, zero-shot ImageNet;
    ``multilingual``: a sentence. None where ``source`` has none.
    """

    flickr30k: float | None = None
    coco: float | None = None
    imagenet: float | None = None
    multilingual: str | None = None
    german: float | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class PackInfo(Model):
    """A pack. ``state``: active, target, previous, installed or available; ``id``: name and
    version, of one that is there; ``relative_cost``: of a photo, the bundled pack being 1.
    """

    name: str
    state: str
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
    machines: tuple[str, ...] = ()
    quality: PackQuality | None = field(default=None, metadata={"one": PackQuality})
    repository: str | None = None
    commit: str | None = None
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class PackSwitchProgress(Model):
    """How far a change of the pack is. ``state``: idle, encoding, waiting, checking or switching;
    ``done`` of ``total`` photos have vectors of ``pack``.
    """

    state: str
    pack: str | None = None
    done: int = 0
    total: int = 0
    images_per_second: float = 0.0
    eta_seconds: float | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class PackPullProgress(Model):
    """How far a download is, in bytes. ``state``: idle, pulling, checking, done or failed."""

    state: str
    pack: str | None = None
    done: int = 0
    total: int = 0
    bytes_per_second: float = 0.0
    eta_seconds: float | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefusedPack(Model):
    """A pack that was tried, and why it does not answer."""

    pack: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PackOverview(Model):
    """All packs, and what is being done. ``workers``: how many photos each has encoded."""

    packs: tuple[PackInfo, ...] = field(metadata={"of": PackInfo})
    switch: PackSwitchProgress = field(metadata={"one": PackSwitchProgress})
    pull: PackPullProgress = field(metadata={"one": PackPullProgress})
    refused: RefusedPack | None = field(default=None, metadata={"one": RefusedPack})
    recommended: str | None = None
    recommended_hours: float | None = None
    why: str = ""
    workers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EncodeLease(Model):
    """``pixels``: base64 of uint8 [``count``, ``size``, ``size``, 3], RGB."""

    lease: str
    count: int
    size: int
    pixels: str


@dataclass(frozen=True, kw_only=True)
class EncodeJobs(Model):
    """``wanted``: the pack that photos are encoded by now, None where nothing is to be done."""

    wanted: str | None = None
    job: EncodeLease | None = field(default=None, metadata={"one": EncodeLease})
