"""Folders and places that questions may name."""

from __future__ import annotations

from dataclasses import dataclass

from crispd.types import Near, NearPlace


@dataclass(frozen=True)
class FakeNames:
    """``folders`` and ``places``, in lower case."""

    folders: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def has_folder(self, path: str) -> bool:
        return path.casefold() in self.folders

    def around(self, name: str) -> NearPlace | None:
        if name.casefold() not in self.places:
            return None
        return NearPlace(Near(self.places.index(name.casefold()), 2, 30), name)
