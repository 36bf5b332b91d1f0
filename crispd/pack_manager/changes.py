"""What can be done with the packs of a data folder, by a running crispd or by a command alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crispd.errors import Conflict, NotFound, PackError
from crispd.pack_manager.catalogue import known_pack
from crispd.pack_manager.inventory import entries_of, entry_of
from crispd.platform.memory import present_mb

if TYPE_CHECKING:
    from crispd.pack_manager.installer import PackInstaller
    from crispd.pack_switch.places import PackPlaces
    from crispd.store.pack_vectors import PackChoice
    from crispd.types import PackEntry

_MOST_OF_MEMORY = 0.75


class ChoosesPack(Protocol):
    """Which pack answers and which shall: ``PackSwitch`` of a service, else ``PackChooser``."""

    @property
    def places(self) -> PackPlaces:
        """Where packs lie."""

    def choice(self) -> PackChoice:
        """As it stands."""

    def use(self, place: str) -> PackChoice:
        """One shall answer."""

    def back(self) -> PackChoice:
        """The one that answered before shall again."""

    def coverage(self, pack: str) -> tuple[int, int]:
        """How many photos have vectors of a pack, and how many there are."""


class PackChanges:
    """All methods raise CrispdError."""

    def __init__(self, installer: PackInstaller, chooser: ChoosesPack) -> None:
        self._installer = installer
        self._chooser = chooser

    def entries(self) -> list[PackEntry]:
        """All packs that are here and those of the catalogue, the one that answers first."""
        return entries_of(self._installer, self._chooser.places, self._chooser.choice())

    def use(self, name: str) -> PackChoice:
        """This pack shall answer. Raises NotFound, PackError or Conflict."""
        if known_pack(name) is not None and name not in self._installer.installed():
            raise NotFound(f"{name} is not here yet. Fetch it first: crispd packs pull {name}")
        self._refuse_too_large(name)
        return self._chooser.use(name)

    def back(self) -> PackChoice:
        """The pack that answered before shall again. Raises NotFound."""
        return self._chooser.back()

    def remove(self, name: str) -> None:
        """Delete an installed pack that does not answer. Raises NotFound or Conflict."""
        choice = self._chooser.choice()
        for pack, what in (
            (choice.active, "answers"),
            (choice.target, "shall answer"),
            (choice.previous, "is the one that crispd packs back goes to"),
        ):
            if pack is not None and Path(pack.place).name == name:
                raise Conflict(f"{name} {what}. Use another pack first.")
        self._installer.remove(name)

    def to_encode(self) -> tuple[str, int, int] | None:
        """The pack that shall answer, photos without its vectors, and all photos; None: none
        shall.
        """
        target = self._chooser.choice().target
        if target is None:
            return None
        done, total = self._chooser.coverage(target.id)
        return target.id, total - done, total

    def _refuse_too_large(self, name: str) -> None:
        """For the check both packs are in memory. Raises PackError."""
        folder, memory = self._installer.here().get(name), present_mb()
        if folder is None or memory is None:
            return
        needed = entry_of(name, folder).memory_mb or 0
        if needed > memory * _MOST_OF_MEMORY:
            raise PackError(
                f"{name} needs about {needed} MB of memory and this machine has {memory:.0f} MB. "
                "Choose a smaller pack, or the same in eight bits."
            )
