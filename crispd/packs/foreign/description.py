"""What a folder is, once it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FolderDescription:
    """A folder that can be a pack.

    ``name``: for the manifest, from the folder's own settings or its name. ``table``: what
    ``pack.toml`` will say, less ``[[files]]`` and what only a run of the graphs tells. ``files``:
    those that the pack needs, relative to the folder; ``bytes``: of them all. ``made``: further
    ones by name, as text. ``cut``: graphs by name, of which file they are the part that an output
    needs. ``precisions``: those that the folder offers. ``notes``: sentences on
    what was assumed.
    """

    name: str
    languages: tuple[str, ...]
    licence: str
    table: dict[str, Any]
    files: tuple[str, ...]
    bytes: int
    precisions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    made: dict[str, str] = field(default_factory=dict)
    cut: dict[str, tuple[str, str]] = field(default_factory=dict)
