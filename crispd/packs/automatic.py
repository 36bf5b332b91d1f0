"""``pack = "auto"``: the one of the packs that ship which suits this machine, measured once.

What was chosen is written into the data folder and stays, whatever the machine becomes: another
pack means that all photos are encoded again, which nobody shall find happening by itself.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from crispd.errors import PackError
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.sessions.speed import photos_a_second

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crispd.packs.manifest import Manifest
    from crispd.types import ImageEncoder

log = logging.getLogger(__name__)

AUTO = "auto"
_USUAL, _SMALL = "mini", "tiny"
_FILE = ".auto.json"
_TIMED = 2  # photos
# A hundred thousand photos in six hours: from here on nobody waits long for the better pack.
_ENOUGH = 5.0
_FASTER = 1.4  # times: what the small pack has to be for what it finds less


@dataclass(frozen=True, slots=True)
class AutomaticChoice:
    """``pack``: its name. ``photos_per_second``: of each pack's image pass by name, as measured;
    empty where nothing was.
    """

    pack: str
    photos_per_second: dict[str, float] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """A sentence."""
        if not self.photos_per_second:
            return f"{self.pack} was in use before packs were chosen by speed."
        rates = ", ".join(
            f"{rate:.1f} with {pack}" for pack, rate in self.photos_per_second.items()
        )
        return f"{self.pack} suits this machine. Photos encoded a second: {rates}."


def named_pack(setting: str, folder: Path) -> str:
    """What a setting stands for; ``folder``: of the data folder, where packs are installed. Before
    a first start it is the usual one.
    """
    if setting != AUTO:
        return setting
    chosen = _read(folder)
    return _USUAL if chosen is None else chosen.pack


def why_chosen(setting: str, folder: Path, pack: str) -> str | None:
    """Why the pack of this name answers, where ``auto`` has chosen it."""
    chosen = _read(folder) if setting == AUTO else None
    return chosen.why if chosen is not None and chosen.pack == pack else None


def choose_automatically(
    folder: Path,
    before: str,
    load: Callable[[Path, Manifest], ImageEncoder],
    *,
    writing: bool,
) -> AutomaticChoice:
    """What was written down in ``folder``, or else is chosen now. ``before``: what was in use
    already, and is kept; empty where nothing was. ``load``: an image encoder.
    """
    if (known := _read(folder)) is not None:
        return known
    if before or not writing:
        chosen = AutomaticChoice(before or _USUAL)
    else:
        chosen = _measured(folder, load)
        log.info("%s Another one is chosen by: crispd packs use", chosen.why)
    if writing:
        _write(folder, chosen)
    return chosen


def _measured(installed: Path, load: Callable[[Path, Manifest], ImageEncoder]) -> AutomaticChoice:
    rates: dict[str, float] = {}
    try:
        for name in (_USUAL, _SMALL):
            folder = find_pack(name, installed)
            manifest = read_manifest(folder)
            encoder, size = load(folder, manifest), manifest.image.size
            # the better of two: others may be busy here
            rates[name] = round(max(photos_a_second(encoder, size, _TIMED) for _ in range(2)), 2)
    except PackError as error:
        log.warning("no pack is chosen by speed: %s", error)
        return AutomaticChoice(_USUAL)
    slow = rates[_USUAL] < min(_ENOUGH, rates[_SMALL] / _FASTER)
    return AutomaticChoice(_SMALL if slow else _USUAL, rates)


def _read(folder: Path) -> AutomaticChoice | None:
    try:
        return TypeAdapter(AutomaticChoice).validate_json((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning(
            "%s, which says what pack was chosen by speed, cannot be read: %s", _FILE, error
        )
        return None


def _write(folder: Path, chosen: AutomaticChoice) -> None:
    try:
        folder.mkdir(exist_ok=True)
        part = folder / f"{_FILE}.part"
        part.write_text(json.dumps(asdict(chosen)) + "\n", "utf-8")
        part.rename(folder / _FILE)
    except OSError as error:
        log.warning("which pack was chosen by speed is not kept: %s", error)
