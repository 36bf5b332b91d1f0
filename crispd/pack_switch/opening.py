"""The pack that answers from a start on, and the one that shall: settings, database and files."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import PackError

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.pack_switch.places import PackPlaces
    from crispd.store.pack_vectors import PackChoice, PackReference

log = logging.getLogger(__name__)


def choose_at_start(
    before: PackChoice, setting: str, places: PackPlaces, vectors: dict[str, int]
) -> PackChoice:
    """What a start makes of what was chosen ``before``. ``vectors``: how many each pack has.

    A setting that has changed since asks for another pack: the old pack answers until the new
    one has seen all photos. So is a newer version of a pack, where a copy of the old one was kept.
    Raises PackError where no pack can answer.
    """
    active = before.active or _holder(setting, places, vectors)
    wanted = None
    if active is None or setting != before.setting:
        wanted = places.named(setting)
    elif before.target is None:
        wanted = _newer(active, places)
    choice = replace(before, active=active, setting=setting)
    if wanted is not None and wanted.id != (active and active.id):
        choice = replace(choice, target=wanted, trusted=wanted == before.previous, refused=None)
    if active is not None and _is_there(active, places):
        return choice
    # its files are gone: the other one answers, of what it has seen and sees from now on
    instead = choice.target or wanted or places.named(setting)
    return replace(choice, active=instead, target=None, previous=None, trusted=False)


def directly(choice: PackChoice) -> PackChoice:
    """Where nobody searches meanwhile (``crispd index``): the target at once."""
    if choice.target is None:
        return choice
    return replace(choice, active=choice.target, previous=choice.active, target=None, trusted=False)


def _holder(setting: str, places: PackPlaces, vectors: dict[str, int]) -> PackReference | None:
    """Of a database from before choices were written down: the pack with the most vectors."""
    if not vectors:
        return None
    most = max(vectors, key=lambda pack: vectors[pack])
    try:
        named = places.named(setting)
    except PackError:
        named = None
    return named if named is not None and named.id == most else places.by_id(most)


def _newer(active: PackReference, places: PackPlaces) -> PackReference | None:
    """What lies now where the pack was: another version of it, or None."""
    try:
        found = places.named(active.place)
    except PackError:
        return None
    return None if found.id == active.id else found


def _is_there(pack: PackReference, places: PackPlaces) -> bool:
    try:
        places.files_of(pack)
    except PackError as error:
        log.warning("%s", error)
        return False
    return True


def folder_of(choice: PackChoice, places: PackPlaces) -> Path:
    """The files of the pack that answers. Raises PackError."""
    assert choice.active is not None
    return places.files_of(choice.active)
