"""Checks of the data folder: database, index file, and whether both belong to the pack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crispd.doctor.findings import Finding, Level, bad, good, warning
from crispd.errors import PackError
from crispd.ocr.models import find_ocr_models
from crispd.packs.automatic import named_pack
from crispd.packs.integrity import verify
from crispd.packs.manifest import read_manifest
from crispd.vectors.checkpoint import SIDECAR_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crispd.pack_switch.places import PackPlaces
    from crispd.store.inspection.inspect import DatabaseInspection
    from crispd.store.pack_vectors import PackChoice


def check_pack(name: str, choice: PackChoice, places: PackPlaces) -> tuple[Finding, str | None]:
    """The finding, and the id of a pack that can be used. ``name``: of the settings, for a library
    that none answers yet.
    """
    try:
        folder = places.files_of(choice.active or places.named(named_pack(name, places.folder)))
        manifest = read_manifest(folder)
        verify(folder, manifest)
    except PackError as error:
        return bad("pack", str(error), "See docs/packs.md, or leave the setting pack out."), None
    seen = f"{manifest.id} in {folder}, every file whole"
    if choice.target is not None:
        seen += f"; {choice.target.id} shall answer once it has seen all photos"
    return good("pack", seen), manifest.id


def check_text(read_text: str) -> Finding:
    """Whether text in photos can be read. ``read_text``: the setting."""
    if read_text == "off":
        return good("text in photos", "not read: read_text is off")
    models = find_ocr_models()
    if models is not None:
        return good("text in photos", f"{models.version} in {models.detection.parent}")
    do = 'Install the models: pip install --no-deps "rapidocr>=3.9,<4", in the same environment.'
    if read_text == "on":
        return bad("text in photos", "read_text is on, and the models are not installed", do)
    return Finding("text in photos", Level.GOOD, "not read: the models are not installed", do)


def check_database(found: DatabaseInspection) -> Finding:
    """Whether SQLite is content and the schema is ours."""
    if not found.there:
        return good("database", "none yet; the first start makes it")
    if found.busy:
        return warning(
            "database", "another process holds it", "Ask again when that one has let go of it."
        )
    if found.shut:
        return bad(
            "database",
            f"it cannot be opened: {found.shut}",
            "Run this as the user that crispd runs as, and see that it may read the data folder.",
        )
    if found.wrong:
        return bad(
            "database",
            f"it is damaged: {found.wrong[0]}",
            "Stop crispd and run: crispd repair. It saves what can be read and keeps the damaged "
            "file. A backup comes back with: crispd restore FILE.",
        )
    if found.is_newer:
        return bad(
            "database",
            f"a newer crispd wrote it (schema {found.revision})",
            "Install that version again, or give another CRISPD_DATA_DIR.",
        )
    seen = f"whole, schema {found.revision}, {found.ready} photos, {found.failed} that failed"
    if found.is_old:
        return warning("database", seen, "The next start brings it forward and keeps a copy.")
    return good("database", seen)


def check_index(folder: Path, found: DatabaseInspection, pack: str | None) -> Iterator[Finding]:
    """Whether all photos have a vector of this pack, and the index file holds them."""
    if not found.there or found.wrong or pack is None:
        return
    others = sum(count for name, count in found.vectors.items() if name != pack)
    mine = found.vectors.get(pack, 0)
    if others and not mine:
        yield warning(
            "vectors",
            f"all {others} are of another pack than {pack}",
            "The files of that pack are gone: every photo is encoded again, and found as it is.",
        )
    try:
        live = int(json.loads((folder / SIDECAR_FILE).read_text(encoding="utf-8"))["live"])
    except FileNotFoundError:
        yield good("index", "no file yet; it is built from the database")
        return
    except (OSError, ValueError, KeyError, TypeError):
        yield warning("index", "its file cannot be read", "Nothing: the next start builds it anew.")
        return
    if live == mine:
        yield good("index", f"{live} vectors, as in the database")
    else:
        yield good("index", f"{live} vectors saved of {mine}; a start catches up with the rest")
