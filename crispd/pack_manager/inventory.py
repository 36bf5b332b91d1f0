"""The inventory: what lies here, as entries like those of the catalogue."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crispd.errors import PackError
from crispd.pack_manager.catalogue import catalogue, known_pack
from crispd.pack_manager.installer import source_of
from crispd.packs.fine.cross_manifest import read_any_manifest
from crispd.packs.manifest import Manifest
from crispd.types import PackEntry

if TYPE_CHECKING:
    from crispd.pack_manager.installer import PackInstaller
    from crispd.pack_switch.places import PackPlaces
    from crispd.store.pack_vectors import PackChoice
    from crispd.types import PackState

_MB = 2**20
_ORDER = ["active", "target", "previous", "installed", "available"]
# Weights in memory and what computing takes beside them, of their size on the disk.
_IN_MEMORY, _BESIDE_MB = 1.15, 60


def entry_of(name: str, folder: Path) -> PackEntry:
    """A pack that is here, with what the catalogue says of one of its name. Raises PackError."""
    manifest, known, source = read_any_manifest(folder), known_pack(name), source_of(folder)
    size = sum(file.bytes for file in manifest.files) / _MB
    own = sum(file.bytes for file in manifest.files if (folder / file.path).exists()) / _MB
    said = PackEntry(name, "installed", title=name) if known is None else known.entry
    return replace(
        said,
        state="installed",
        id=manifest.id,
        languages=tuple(manifest.language_codes),
        licence=manifest.pack.licence,
        download_mb=round(own),
        memory_mb=round(size * _IN_MEMORY) + _BESIDE_MB,
        dimensions=manifest.dim if isinstance(manifest, Manifest) else None,
        pixels=manifest.image.input.size,
        repository=source.get("repository"),
        commit=source.get("commit"),
    )


def entries_of(installer: PackInstaller, places: PackPlaces, choice: PackChoice) -> list[PackEntry]:
    """All packs that are here and those of the catalogue, the one that answers first."""
    states = names_of(choice)
    entries = [
        replace(entry_of(name, folder), state=states.get(read, "installed"))
        for name, folder, read in _here(installer, places, choice)
    ]
    known = {entry.name for entry in entries}
    entries += [one.entry for one in catalogue() if one.entry.name not in known]
    return sorted(entries, key=lambda entry: _ORDER.index(entry.state))


def _here(
    installer: PackInstaller, places: PackPlaces, choice: PackChoice
) -> list[tuple[str, Path, str]]:
    """Name, folder and id of each pack that lies here and can be read."""
    found = []
    for name, folder in installer.here().items():
        with suppress(PackError):
            found.append((name, folder, installer.id_of(folder)))
    known = {read for _, _, read in found}
    for pack in (choice.active, choice.target, choice.previous):
        if pack is not None and pack.id not in known:  # of a folder that the settings name
            with suppress(PackError):
                found.append((Path(pack.place).name, places.files_of(pack), pack.id))
                known.add(pack.id)  # what answered before may be what shall
    return found


def names_of(choice: PackChoice) -> dict[str, PackState]:
    """What each pack of a choice is, by id."""
    states: dict[str, PackState] = {}
    if choice.previous is not None:
        states[choice.previous.id] = "previous"
    if choice.target is not None:
        states[choice.target.id] = "target"
    if choice.active is not None:
        states[choice.active.id] = "active"
    return states
