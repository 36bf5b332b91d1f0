"""Makes a pack of a folder: its files, and the manifest that says what they are."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.errors import PackCorrupt, PackError
from crispd.packs.fine.cross_manifest import read_any_manifest
from crispd.packs.foreign.describe import describe
from crispd.packs.foreign.examine import examine, examine_cross
from crispd.packs.foreign.externalise import externalise
from crispd.packs.foreign.extract import extract
from crispd.packs.integrity import verify

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from crispd.packs.foreign.description import FolderDescription

log = logging.getLogger(__name__)

NEUTRAL = "neutral.npy"


def write_manifest(
    folder: Path,
    target: Path,
    *,
    precision: str | None = None,
    name: str = "",
    languages: Sequence[str] = (),
    licence: str = "",
) -> Path:
    """Make ``target`` a pack of what ``folder`` holds, and give the path of its ``pack.toml``.

    ``target`` may be ``folder`` itself; else the files come into it, linked where the file system
    can. Its graphs are run once, in a process of their own. ``name``, ``languages`` and
    ``licence``: where somebody knows better than the folder. Raises PackError; then there is no
    ``pack.toml``.
    """
    found = describe(folder, precision=precision)
    try:
        if (folder / "pack.toml").is_file():
            return _own(folder, target, found)
        return _foreign(folder, target, found, name, languages, licence)
    except OSError as error:
        raise PackError(f"No pack can be made in {target}: {error}.") from error


def try_out(folder: Path) -> None:
    """Run the graphs of a pack once, in a process of their own. Raises PackError."""
    found = describe(folder)
    _examine(folder, found.table, found.bytes)


def _examine(folder: Path, table: dict[str, Any], size: int) -> None:
    """Raises PackError."""
    run = examine_cross if "cross" in table else examine
    run(folder, table, size)


def _own(folder: Path, target: Path, found: FolderDescription) -> Path:
    manifest = read_any_manifest(folder)
    _examine(folder, found.table, found.bytes)
    if target != folder:
        for one in (*found.files, manifest.pack.card, "pack.toml"):
            if (folder / one).is_file():
                _place(folder / one, target / one)
    verify(target, manifest)
    return target / "pack.toml"


def _foreign(
    folder: Path,
    target: Path,
    found: FolderDescription,
    name: str,
    languages: Sequence[str],
    licence: str,
) -> Path:
    brought = {one: _bring(folder, target, one) for one in found.files}
    for one, (source, output) in found.cut.items():
        brought[one] = _cut(folder / source, target, one, output)
    for one, text in found.made.items():
        _write(target / one, text.encode())
    table = {
        key: dict(part) if isinstance(part, dict) else part for key, part in found.table.items()
    }
    cross = "cross" in table
    if cross:
        _tell_cross(target, table, found.bytes)
    else:
        _tell(folder, target, table, found.bytes, brought, found.cut)
    table["pack"] |= {"name": name} if name else {}
    table["pack"] |= {"licence": licence} if licence else {}
    if languages:
        first = "en" if "en" in languages else languages[0]
        table["pack"] |= {"languages": list(languages), "language": first}
    names = {one for both in brought.values() for one in both} | {*found.made}
    names |= set() if cross else {NEUTRAL}
    files = [_sealed(target, one) for one in sorted(names)]
    table["pack"]["version"] = _version(folder, found, table)
    path = target / "pack.toml"
    _write(path, as_toml({**table, "files": files}).encode())
    try:
        read_any_manifest(target)
    except PackError:
        path.unlink()
        raise
    return path


def _tell(
    folder: Path,
    target: Path,
    table: dict[str, Any],
    size: int,
    brought: dict[str, tuple[str, ...]],
    cut: Collection[str],
) -> None:
    """Complete the table by a run of the graphs. ``cut``: files that were made of others."""
    seen = examine(target, table, size)
    for part in ("image", "text") if seen.int8_agrees is False else ():
        wrong = brought.pop(table[part].pop("int8_file", ""), None)
        for one in wrong if wrong and (target != folder or wrong[0] in cut) else ():
            (target / one).unlink()
        if wrong:
            log.info("%s: its int8 graphs give other vectors, and are left out", target)
    table["embedding"] = {"dim": seen.dim}
    table["image"]["max_batch"], table["text"]["length"] = seen.max_batch, seen.length
    np.save(target / NEUTRAL, seen.neutral)
    table["neutral"] = {"file": NEUTRAL}


def _tell_cross(target: Path, table: dict[str, Any], size: int) -> None:
    seen = examine_cross(target, table, size)
    table["cross"]["at_once"] = seen.at_once
    if seen.tokens is not None:
        table["tokens"] = seen.tokens


def _bring(folder: Path, target: Path, name: str) -> tuple[str, ...]:
    """A file into the pack, and its name there; large constants of a graph come beside it."""
    if folder == target:
        return (name,)
    beside = f"{name}.weights"
    if name.endswith(".onnx") and not (folder / beside).exists():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if externalise(folder / name, target / name, target / beside):
            return name, beside
    _place(folder / name, target / name)
    return (name,)


def _cut(source: Path, target: Path, name: str, output: str) -> tuple[str, ...]:
    """The part of a graph that an output needs, as ``_bring`` does it."""
    part = target / f"{name}.part"
    extract(source, part, output)
    beside = f"{name}.weights"
    if externalise(part, target / name, target / beside):
        part.unlink()
        return name, beside
    part.replace(target / name)
    return (name,)


def _version(folder: Path, found: FolderDescription, table: dict[str, Any]) -> str:
    """Of what a vector depends on, which the card does not."""
    card = table["pack"]["card"]
    told = [_sealed(folder, one)["sha256"] for one in found.files if one != card]
    told += [_sealed(folder, source)["sha256"] for source, _ in found.cut.values()]
    told += [text for one, text in found.made.items() if one != card]
    told.append(repr([table[part] for part in ("image", "text", "cross") if part in table]))
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]


def _sealed(folder: Path, name: str) -> dict[str, Any]:
    with (folder / name).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"path": name, "bytes": os.fstat(stream.fileno()).st_size, "sha256": digest}


def _place(source: Path, target: Path) -> None:
    """The same file at ``target``: linked, or copied where it cannot be."""
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        target.unlink()
    real = source.resolve()
    if not real.is_file():
        raise PackCorrupt(f"{source} is no file.")
    try:
        os.link(real, target)
    except OSError:
        shutil.copyfile(real, target)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    beside.replace(path)


def as_toml(table: dict[str, Any]) -> str:
    """The text of ``pack.toml``."""
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if not _nested(value)]
    for key, value in table.items():
        if not _nested(value):
            continue
        for entry in [value] if isinstance(value, dict) else value:
            lines += ["", f"[{key}]" if isinstance(value, dict) else f"[[{key}]]"]
            lines += [f"{name} = {_value(item)}" for name, item in entry.items()]
    return "\n".join(lines) + "\n"


def _nested(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list | tuple) and bool(value) and isinstance(value[0], dict)
    )


def _value(value: object) -> str:
    """Basic strings of TOML are those of JSON, but for one control character."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value).lower()
