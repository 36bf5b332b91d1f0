"""Folders and places that questions may name."""

from __future__ import annotations

from dataclasses import dataclass

from crispd.types import Condition, NameChoice, Near, NearPlace


@dataclass(frozen=True)
class FakeNames:
    """In lower case."""

    folders: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def has(self, condition: Condition) -> bool:
        known = {"folder": self.folders, "place": self.places, "person": self.people}
        names = condition.values[0]
        each = names.names if isinstance(names, NameChoice) else (names,)
        return all(name.casefold() in known.get(condition.name, ()) for name in each)

    def around(self, name: str) -> NearPlace | None:
        if name.casefold() not in self.places:
            return None
        return NearPlace(Near(self.places.index(name.casefold()), 2, 30), name)
