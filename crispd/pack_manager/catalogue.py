"""The catalogue: packs that crispd knows by name. All that it says is data in a file beside."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from crispd.hub.repository import RepositoryName
from crispd.types import PackEntry, PackQuality

_FILE = Path(__file__).with_name("catalogue.toml")
_QUALITY = ("flickr30k", "coco", "imagenet", "multilingual", "german", "source")


@dataclass(frozen=True, slots=True)
class CataloguePack:
    """``below``: the name of the folder in the repository that is the pack. ``precision``: of its
    graphs, None for float32 with int8 beside it where there is such.
    """

    entry: PackEntry
    repository: RepositoryName
    below: str = ""
    precision: str | None = None


@cache
def catalogue() -> tuple[CataloguePack, ...]:
    """All of them, in the order of the file."""
    return tuple(map(_pack_of, tomllib.loads(_FILE.read_text("utf-8"))["pack"]))


def known_pack(name: str) -> CataloguePack | None:
    """One of them by its name."""
    return next((pack for pack in catalogue() if pack.entry.name == name), None)


def _pack_of(said: dict[str, Any]) -> CataloguePack:
    repository = RepositoryName.parse(said["repository"])
    entry = PackEntry(
        name=said["name"],
        state="available",
        title=said["title"],
        languages=tuple(said["languages"]),
        licence=said["licence"],
        research_only=said.get("research_only", False),
        download_mb=said["download_mb"],
        memory_mb=said["memory_mb"],
        relative_cost=float(said["cost"]),
        dimensions=said["dimensions"],
        pixels=said["pixels"],
        machines=tuple(said["machines"]),
        quality=PackQuality(**{name: said[name] for name in _QUALITY if name in said}),
        repository=repository.name,
        commit=repository.revision if repository.pinned else None,
        notes=said.get("notes", ""),
    )
    return CataloguePack(entry, repository, said.get("below", ""), said.get("precision"))
