"""What ``crispd packs`` does: by a running service where there is one, else in the data folder."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crispd.cli import output
from crispd.cli.service_client import ServiceNotRunning, call_service
from crispd.errors import CrispdError, PackError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.config import Settings
    from crispd.hub.download import DownloadProgress
    from crispd.pack_manager.advice import Advice
    from crispd.pack_manager.changes import PackChanges
    from crispd.pack_manager.installer import PackInstaller

_LOOK_SECONDS = 1.0
_ASSUMED_PHOTOS = 10_000  # where none is known, so that times say something
_SWITCH = {
    "encoding": "{pack} shall answer: {done} of {total} photos have its vectors",
    "waiting": "{pack} waits: {message}",
    "checking": "{pack} is being checked",
    "switching": "{pack} takes over",
}


def show(settings: Settings, url: str | None, *, as_json: bool) -> None:
    """All packs; without a service what lies in the data folder."""
    try:
        found = call_service(settings, url, "/packs")
    except ServiceNotRunning:
        if url is not None:
            raise
        from crispd.offline import packs_here

        found = {"packs": [asdict(entry) for entry in packs_here(settings)]}
    if as_json:
        output.as_json(found)
        return
    _table(found["packs"])
    _progress(found)


def _table(packs: Sequence[dict[str, Any]]) -> None:
    width = max(len(pack["name"]) for pack in packs)
    output.line(f"{'name':<{width}}  state      MB     px   Flickr30k  COCO  languages, licence")
    for pack in packs:
        quality = pack["quality"]
        figures = (
            f"{quality[name] if quality[name] is not None else '-':>{wide}}"
            for name, wide in (("flickr30k", 9), ("coco", 5))
        )
        languages = " ".join(pack["languages"])
        output.line(
            f"{pack['name']:<{width}}  {pack['state']:<9}  {pack['download_mb'] or '-':>5}  "
            f"{pack['pixels'] or '-':>3}  {'  '.join(figures)}  {languages}; {pack['licence']}"
        )
    output.line(
        "R@1 from text to image in percent, as published. Which suits: crispd packs recommend"
    )


def _progress(found: dict[str, Any]) -> None:
    switch, pull = found.get("switch"), found.get("pull")
    if switch and switch["state"] in _SWITCH:
        left = f", {_duration(switch['eta_seconds'])} left" if switch["eta_seconds"] else ""
        output.line(_SWITCH[switch["state"]].format(**switch) + left)
    if pull and pull["state"] in {"pulling", "checking"}:
        output.line(_bytes_line(pull))
    if pull and pull["state"] == "failed":
        output.line(f"{pull['pack']} was not fetched: {pull['message']}")
    if refused := found.get("refused"):
        output.line(f"{refused['pack']} was refused: {refused['reason']}")
    if found.get("recommended"):
        output.line(f"{found['why']} crispd packs pull {found['recommended']}")


def pull(
    settings: Settings, url: str | None, pack: str, precision: str | None, *, as_json: bool
) -> None:
    """Until it is installed; Ctrl+C leaves what has come."""
    try:
        given = {"pack": pack} | ({} if precision is None else {"precision": precision})
        call_service(settings, url, "/packs/pull", given)
    except ServiceNotRunning:
        if url is not None:
            raise
        name = _pull_here(settings, pack, precision)
    else:
        name = _follow(settings, url)
    _installed(name, as_json)


def _follow(settings: Settings, url: str | None) -> str:
    while True:
        time.sleep(_LOOK_SECONDS)
        found = call_service(settings, url, "/packs")["pull"]
        if found["state"] in {"pulling", "checking"}:
            _overwrite(_bytes_line(found))
            continue
        _overwrite("")
        if found["state"] == "done":
            return str(found["pack"])
        raise CrispdError(found["message"] or f"{found['pack']} was given up.")


def _pull_here(settings: Settings, pack: str, precision: str | None) -> str:
    def tell(progress: DownloadProgress) -> None:
        said: dict[str, Any] = {"state": "pulling", "pack": pack, "message": progress.waiting}
        said |= {"done": progress.done, "total": progress.total}
        _overwrite(_bytes_line(said | {"eta_seconds": progress.eta_seconds}))

    try:
        return _installer(settings).pull(
            pack,
            precision=precision,
            tell=tell,
            checking=lambda: _overwrite(f"{pack} is being checked"),
        )
    finally:
        _overwrite("")


def add_folder(
    settings: Settings, folder: Path, name: str, precision: str | None, *, as_json: bool
) -> None:
    """A folder of models becomes a pack."""
    _installed(_installer(settings).add_folder(folder.expanduser(), name, precision), as_json)


def _installed(name: str, as_json: bool) -> None:
    if as_json:
        output.as_json({"installed": name})
        return
    output.line(f"{name} is installed. It answers after: crispd packs use {name}")


def verify(settings: Settings, name: str, *, as_json: bool) -> None:
    """Every file of a pack."""
    installer = _installer(settings)
    output.facts({"whole": installer.verify(_folder(installer, name))}, as_json)


def bench(settings: Settings, name: str, *, as_json: bool) -> None:
    """A pack on this machine."""
    from crispd.pack_manager.bench import measure_pack

    folder = _folder(_installer(settings), name)
    output.facts(asdict(measure_pack(folder, settings.encode_threads, settings.precision)), as_json)


def recommend(
    settings: Settings, url: str | None, photos: int | None, language: str, *, as_json: bool
) -> None:
    """What suits this machine, the first the best."""
    from crispd.pack_manager.advice import Machine, advise
    from crispd.pack_manager.bench import measure_pack
    from crispd.pack_manager.catalogue import catalogue
    from crispd.platform.memory import present_mb

    mini = _folder(_installer(settings), "mini")
    found = measure_pack(mini, settings.encode_threads, settings.precision)
    memory = present_mb()
    machine = Machine(found.photos_per_second, None if memory is None else int(memory))
    count = photos or _photos(settings, url) or _ASSUMED_PHOTOS
    wanted = [part.strip().lower() for part in language.split(",") if part.strip()]
    advice = advise([one.entry for one in catalogue()], machine, count, wanted)
    if as_json:
        rows = [
            {"name": one.entry.name, "fits": one.fits, "hours": round(one.hours, 2), "why": one.why}
            for one in advice
        ]
        output.as_json({"machine": asdict(machine), "photos": count, "packs": rows})
        return
    output.line(
        f"This machine encodes {machine.photos_a_second:.1f} photos/s with the bundled pack; "
        f"{count} photos, asked in {', '.join(wanted)}."
    )
    for one in advice:
        _advice_line(one, wanted)
    if advice and advice[0].fits:
        best = advice[0].entry
        if unread := [code for code in wanted if code not in best.languages]:
            output.line(f"None that fits is known to read {', '.join(unread)}.")
        output.line(f"Fetch the first: crispd packs pull {best.name}")


def _advice_line(one: Advice, wanted: Sequence[str]) -> None:
    entry = one.entry
    said = [f"{entry.title}, {entry.download_mb} MB to fetch"]
    if unread := [code for code in wanted if code not in entry.languages]:
        said.append(f"does not read {', '.join(unread)}")
    if entry.research_only:
        said.append("for research alone")
    said.append(f"about {_duration(one.hours * 3600)} to encode all" if one.fits else one.why)
    output.line(f"{'+' if one.fits else '-'} {entry.name}: {'; '.join(said)}")


def _photos(settings: Settings, url: str | None) -> int:
    try:
        return int(call_service(settings, url, "/status")["photos"])
    except ServiceNotRunning:
        if url is not None:
            raise
        from crispd.offline import photos_here

        return photos_here(settings)


def use(settings: Settings, url: str | None, name: str, *, as_json: bool) -> None:
    """A pack shall answer."""
    path = f"/packs/{quote(name, safe='')}/use"
    _change(settings, url, path, lambda changes: changes.use(name), as_json=as_json)


def back(settings: Settings, url: str | None, *, as_json: bool) -> None:
    """The pack that answered before shall again."""
    _change(settings, url, "/packs/back", lambda changes: changes.back(), as_json=as_json)


def _change(
    settings: Settings,
    url: str | None,
    path: str,
    alone: Callable[[PackChanges], object],
    *,
    as_json: bool,
) -> None:
    """By the service; without one it is written down for the next start."""
    try:
        found, said = call_service(settings, url, path, {}), "How far it is: crispd packs list"
    except ServiceNotRunning:
        if url is not None:
            raise
        from crispd.offline import open_packs

        with open_packs(settings) as changes:
            alone(changes)
            said = _at_the_start(changes)
            found = {"packs": [asdict(entry) for entry in changes.entries()]}
    if as_json:
        output.as_json(found)
        return
    for pack in found["packs"]:
        if pack["state"] in {"active", "target"}:
            does = "answers" if pack["state"] == "active" else "shall answer"
            output.line(f"{pack['name']} ({pack['id']}) {does}")
    output.line(said)


def _at_the_start(changes: PackChanges) -> str:
    """What the next start will do, in a sentence."""
    if (found := changes.to_encode()) is None:
        return "No crispd runs; this holds from its next start on."
    pack, left, total = found
    return (
        f"No crispd runs. From its next start on, {left} of {total} photos get vectors of {pack}; "
        "until then the other one answers. crispd index does it at once."
    )


def remove(settings: Settings, url: str | None, name: str, *, as_json: bool) -> None:
    """A pack that is not needed."""
    try:
        call_service(settings, url, f"/packs/{quote(name, safe='')}", method="DELETE")
    except ServiceNotRunning:
        if url is not None:
            raise
        from crispd.library.limits import PACKS
        from crispd.packs.automatic import named_pack

        if named_pack(settings.pack, settings.data_dir / PACKS) == name:
            raise PackError(f"The settings name {name}. Name another pack first.") from None
        from crispd.offline import open_packs

        with open_packs(settings) as changes:
            changes.remove(name)
    output.facts({"removed": name}, as_json)


def _installer(settings: Settings) -> PackInstaller:
    from crispd.library.limits import PACKS
    from crispd.pack_manager.installer import PackInstaller

    return PackInstaller(settings.data_dir / PACKS)


def _folder(installer: PackInstaller, name: str) -> Path:
    from crispd.packs.locate import find_pack

    return installer.here().get(name) or find_pack(name)


def _bytes_line(pull: dict[str, Any]) -> str:
    if pull["state"] == "checking":
        return f"{pull['pack']} is being checked"
    waits = f" ({pull['message']})" if pull["message"] else ""
    left = f", {_duration(pull['eta_seconds'])} left" if pull["eta_seconds"] else ""
    return f"{pull['pack']}: {pull['done'] / 1e6:.0f} of {pull['total'] / 1e6:.0f} MB{left}{waits}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _overwrite(text: str) -> None:
    """One line on a terminal, which the next takes the place of."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
