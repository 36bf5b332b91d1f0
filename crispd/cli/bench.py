"""``crispd bench``: measures this machine with copies of some photos, and prints what came out."""

from __future__ import annotations

import contextlib
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from crispd.bench.board import HEAD, board_line, next_photos, this_machine
from crispd.bench.indexing import chosen_pack, measure_indexing
from crispd.bench.sample import copy_sample, photos_below, photos_known
from crispd.bench.searching import SEARCHES, WARM_UP, SearchFigures, measure_searches
from crispd.cli import output
from crispd.cli.logs import set_up
from crispd.cli.service_client import ServiceNotRunning, connected
from crispd.default_data_dir import has_database
from crispd.errors import CrispdError
from crispd.library.limits import decode_limits
from crispd.library.opening import open_to_read
from crispd.platform.memory import resident_mb
from crispd.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.config import Settings

    Ask = Callable[[str], dict[str, Any]]

_FEW = 16


def run(
    settings: Settings, url: str | None, folders: list[str] | None, photos: int, *, as_json: bool
) -> None:
    """Measure and print. Raises CrispdError where nothing can be measured."""
    set_up("error")
    notes: list[str] = []
    paths = _photo_paths(settings, folders, photos)
    with tempfile.TemporaryDirectory(prefix="crispd-bench-") as scratch, _bar(as_json) as step:
        copies, data = Path(scratch) / "photos", Path(scratch) / "data"
        copies.mkdir()
        tell = step("Copying photos", photos)
        sample = copy_sample(paths, photos, copies, decode_limits(settings), tell)
        own = _settings_for(settings, copies, data)
        done = step("Indexing them", sample.photos)
        seen = 0

        def indexed(progress: Any, total: int) -> None:
            nonlocal seen
            now = progress.encoded + progress.failed
            for _ in range(now - seen):
                done()
            seen = now

        indexing = measure_indexing(own, indexed)
        tell = step("Searching", WARM_UP + SEARCHES)
        search, memory, where = _searches(settings, own, url, notes, tell)
    if sample.is_album:
        notes.append("There is no library here: these are photos of the sample album.")
    if indexing.photos < _FEW:
        notes.append(f"{indexing.photos} photos are few: the rate is a rough one.")
    if indexing.failed:
        notes.append(f"{indexing.failed} photos of the sample could not be read.")
    machine, coming = this_machine(), next_photos(sample, indexing)
    line = board_line(machine, indexing, search, memory)
    found = {
        "machine": asdict(machine), "pack": indexing.pack, "sample": asdict(sample),
        "indexing": asdict(indexing),
        "search": {**asdict(search), "through": where, "memory_mb": round(memory, 1)},
        "next": asdict(coming), "notes": notes, "line": line,
    }  # fmt: skip
    if as_json:
        output.as_json(found)
    else:
        _print(found, line)


def _photo_paths(settings: Settings, folders: list[str] | None, wanted: int) -> list[str]:
    """Of the folders that were named, of the library, or of the folders of the settings."""
    if not folders and has_database(settings.data_dir):
        database, _ = open_to_read(settings)
        try:
            if known := photos_known(database.read(), wanted):
                return known
        finally:
            database.close()
    found = photos_below(settings.folders, settings.exclude)
    if settings.folders and not found:
        raise CrispdError(
            f"There are no photos in {', '.join(settings.folders)}, so there is nothing to "
            "measure. Name a folder with photos: crispd bench FOLDER"
        )
    return found


def _settings_for(settings: Settings, copies: Path, data: Path) -> Settings:
    """The same, over copies: what would hold indexing up, or work beside it, is off."""
    used = str(chosen_pack(settings)) if has_database(settings.data_dir) else settings.pack
    return settings.model_copy(
        update={
            "pack": used,
            "folders": [str(copies)], "data_dir": data, "quiet_hours": "", "temperature_limit": 0,
            "cpu_share": 1.0, "read_text": "off", "exclude": [], "settle_seconds": 0.0,
        }
    )  # fmt: skip


def _searches(
    settings: Settings, own: Settings, url: str | None, notes: list[str], tell: Callable[[], None]
) -> tuple[SearchFigures, float, str]:
    """Of a running crispd, else of the library, else of the sample; megabytes; and which it was."""
    try:
        with connected(settings, url) as client:
            status = client.json("GET", "/status")
            found = measure_searches(lambda words: dict(client.search(words).raw), tell)
            if status["state"] != "ready":
                notes.append(f"The running crispd was busy: {status['state']}.")
            memory = client.json("GET", "/status").get("memory_mb") or 0.0
            return found, float(memory), "a running crispd"
    except ServiceNotRunning:
        if url is not None:
            raise
    except CrispdError as error:
        notes.append(f"Searches of the running crispd could not be measured: {error}")
    is_library = has_database(settings.data_dir)
    with _opened(settings if is_library else own) as ask:
        found = measure_searches(ask, tell)
        return found, resident_mb() or 0.0, "the library" if is_library else "the sample"


@contextmanager
def _opened(settings: Settings) -> Iterator[Ask]:
    from crispd.api.search_schemas import search_response
    from crispd.query.request import SearchRequest, make_query

    service = Service(settings)
    try:
        service.open_for_search()

        def ask(words: str) -> dict[str, Any]:
            query = make_query(
                SearchRequest.of(words), None, service.hemisphere, service.known_names()
            )
            return search_response(service.search(query)).model_dump()

        yield ask
    finally:
        service.stop()


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Begins a step of a progress bar on standard error; without a terminal, a line for each."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, console=console, disable=quiet or not console.is_terminal)

    def step(what: str, total: int) -> Callable[[], None]:
        if not quiet and not console.is_terminal:
            console.print(f"{what}: {total}")
        task = shown.add_task(what, total=total)
        return lambda: shown.advance(task)

    with shown if not shown.disable else contextlib.nullcontext():
        yield step


def _print(found: dict[str, Any], line: str) -> None:
    machine, sample, coming = found["machine"], found["sample"], found["next"]
    indexing, search = found["indexing"], found["search"]
    output.line(
        f"{machine['name']}, {machine['cores']} cores, pack {found['pack']}; "
        f"{sample['photos']} photos of {sample['megabytes']:.1f} MB"
    )
    output.line(
        f"Indexing   {indexing['photos_per_second']:.1f} photos/s, at most "
        f"{indexing['memory_mb']:.0f} MB"
    )
    stages = {"read": sample["read_ms"], **indexing["stages_ms"]}
    output.line(f"           a photo on one core, ms: {_stages(stages)}")
    output.line(
        f"Searching  {search['p50_ms']:.1f} ms, p95 {search['p95_ms']:.1f} ms, in "
        f"{search['through']} with {search['photos']:,} photos, {search['memory_mb']:.0f} MB"
    )
    output.line(f"           by stage, ms: {_stages(search['stages_ms'])}")
    output.line(
        f"The next {coming['photos']:,} photos like these take {_duration(coming['seconds'])}, "
        f"{coming['disk_mb']:,.0f} MB of disk and {coming['memory_mb']:.0f} MB more of memory"
    )
    for note in found["notes"]:
        output.line(f"Note: {note}")
    output.line("For the table of boards (docs/boards.md):")
    output.line(HEAD)
    output.line(line)


def _stages(stages: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in stages.items() if name != "total")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(minutes, 1)} min"
