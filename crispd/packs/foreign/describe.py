"""Reads a folder: graphs by what they take and give, settings by what they say."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from crispd.errors import PackCorrupt, PackMismatch, PackMissing
from crispd.packs.fields import sentence
from crispd.packs.fine.cross_manifest import CrossManifest, read_any_manifest
from crispd.packs.foreign.byte_pairs import OPENAI_MERGES, byte_pair_tokenizer, find_byte_pairs
from crispd.packs.foreign.card import read_card
from crispd.packs.foreign.describe_cross import cross_table
from crispd.packs.foreign.description import FolderDescription
from crispd.packs.foreign.file_choice import of_towers, usable_files
from crispd.packs.foreign.settings import image_table, read_settings
from crispd.packs.foreign.text_settings import read_tokenizer, text_table
from crispd.packs.foreign.towers import choose, find_cross, find_towers
from crispd.packs.manifest import FORMAT, MOST_DIMENSIONS, MOST_PIXELS, Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.packs.foreign.settings import FolderSettings, Json
    from crispd.packs.foreign.text_settings import TokenizerFile
    from crispd.packs.foreign.towers import CrossGraph, Tower

_MOST_FILES = 2000
_BATCH = 16  # of a graph that takes any number of pictures
# Of cosines, where nobody has fitted anything: they are told from the library, see Relevance.
_CALIBRATION = {"scale": 1.0, "offset": 0.0, "coarse_scale": 20.0, "coarse_offset": -5.0}
_NO_LICENCE = "not stated"
_ANY_FILE = {"path": "none", "bytes": 1, "sha256": "0" * 64}


def describe(folder: Path, *, precision: str | None = None) -> FolderDescription:
    """What ``folder`` is as a pack; nothing of it is run. Raises PackError.

    ``precision``: which graphs to take where the folder has several, see ``wanted_files``; with
    None float32 or what comes nearest, and int8 beside it.
    """
    if (folder / "pack.toml").is_file():
        return _own(read_any_manifest(folder))
    files = _files(folder)
    graphs = [folder / name for name in files if name.endswith(".onnx")]
    try:
        towers = find_towers(folder, graphs)
    except PackMismatch:
        if (found := find_cross(graphs)) is None:
            raise
        return _cross(folder, files, found)
    of_image, of_text = of_towers(precision)
    image, small_image = choose(towers, "image", of_image)
    text, small_text = choose(towers, "text", of_text)
    settings = read_settings(folder, files)
    tokenizer, made = _tokenizer(folder, files)
    vocabulary = read_tokenizer(made.get(tokenizer) or folder / tokenizer)
    pixels, image_notes = _pixels(settings, image)
    tokens, text_notes = text_table(settings, text, vocabulary)
    card, pack, languages = _pack(folder, files, settings, vocabulary, made)
    name, licence = pack["name"], pack["licence"]
    table: Json = {
        "format": FORMAT,
        "pack": pack,
        "image": {**_graphs(folder, image, small_image), **pixels, **_image_ports(image)},
        "text": {
            **_graphs(folder, text, small_text), "tokenizer": tokenizer, **tokens,
            **_text_ports(text),
        },
        "embedding": {"dim": _agreed_dim(image, text)},
        "calibration": dict(_CALIBRATION),
    }  # fmt: skip
    _validate(folder, table)
    chosen = [one for one in (image, small_image, text, small_text) if one is not None]
    needed = _needed(folder, chosen, {tokenizer, card} - {"", *made})
    cut = {
        _file(folder, one): (one.graph.path.relative_to(folder).as_posix(), one.output.name)
        for one in chosen
        if one.shared
    }
    sources = {*needed, *(source for source, _ in cut.values())}
    size = sum((folder / one).stat().st_size for one in sources)
    kinds = tuple(dict.fromkeys(one.precision for one in towers))
    notes = (*image_notes, *text_notes)
    return FolderDescription(name, languages, licence, table, needed, size, kinds, notes, made, cut)


def _cross(
    folder: Path, files: Sequence[str], found: tuple[CrossGraph, Tower | None]
) -> FolderDescription:
    """A cross-encoder, in the precision that it comes in."""
    settings = read_settings(folder, files)
    tokenizer, made = _tokenizer(folder, files)
    vocabulary = read_tokenizer(made.get(tokenizer) or folder / tokenizer)
    card, pack, languages = _pack(folder, files, settings, vocabulary, made)
    table, notes = cross_table(folder, settings, vocabulary, found)
    table["text"]["tokenizer"] = tokenizer
    table = {"format": FORMAT, "pack": pack, **table}
    try:
        CrossManifest.model_validate({**table, "files": [_ANY_FILE]})
    except ValidationError as error:
        where = sentence(error.errors()[0], table, CrossManifest)
        raise PackCorrupt(f"{folder} would make a pack that cannot be{where}") from error
    cross, maker = found
    towers = [cross.tower] if maker is None else [cross.tower, maker]
    needed = _needed(folder, towers, {tokenizer, card} - {"", *made})
    size = sum((folder / one).stat().st_size for one in needed)
    return FolderDescription(
        pack["name"], languages, pack["licence"], table, needed, size, notes=tuple(notes), made=made
    )


def _pack(
    folder: Path,
    files: Sequence[str],
    settings: FolderSettings,
    vocabulary: TokenizerFile,
    made: dict[str, str],
) -> tuple[str, Json, tuple[str, ...]]:
    """The card's file, ``[pack]``, and languages; a card is ``made`` where there is none."""
    card = next((name for name in files if name.lower() == "readme.md"), "")
    said, licence = read_card(folder / card) if card else ((), "")
    languages = said or (("en", "*") if vocabulary.is_multilingual else ("en",))
    name = _name(settings, folder)
    if not card:
        made["CARD.md"] = f"# {name}\n\nRead from a folder that has no card of its own.\n"
    pack: Json = {
        "name": name, "version": "0", "language": _first(languages),
        "licence": licence or _NO_LICENCE, "card": card or "CARD.md",
        **({"languages": list(languages)} if languages != ("en",) else {}),
    }  # fmt: skip
    return card, pack, languages


def _validate(folder: Path, table: Json) -> None:
    """Raise PackCorrupt for what is no manifest, such as a mean that is no number."""
    missing = {"embedding": {"dim": table["embedding"]["dim"] or 1}, "files": [_ANY_FILE]}
    try:
        Manifest.model_validate({**table, **missing})
    except ValidationError as error:
        where = sentence(error.errors()[0], table, Manifest)
        raise PackCorrupt(f"{folder} would make a pack that cannot be{where}") from error


def _own(manifest: Manifest | CrossManifest) -> FolderDescription:
    return FolderDescription(
        name=manifest.pack.name,
        languages=manifest.language_codes,
        licence=manifest.pack.licence,
        table=manifest.model_dump(mode="json", exclude_none=True, exclude={"files"}),
        files=tuple(file.path for file in manifest.files),
        bytes=sum(file.bytes for file in manifest.files),
    )


def _files(folder: Path) -> list[str]:
    """Relative, those near the top first. Raises PackError."""
    if not folder.is_dir():
        raise PackMissing(f"There is no folder {folder}. Give one with a model's files.")
    found: list[str] = []
    for place, _, names in os.walk(folder):
        inner = Path(place).relative_to(folder)
        found += [(inner / name).as_posix() for name in names]
        if len(found) > _MOST_FILES:
            raise PackMismatch(f"{folder} holds more than {_MOST_FILES} files; it is no model.")
    usable = usable_files(found)
    return sorted(usable, key=lambda name: (name.count("/"), name))


def _tokenizer(folder: Path, files: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Where it is, and its text where it has to be written."""
    known = [name for name in files if name.split("/")[-1] == "tokenizer.json"]
    if known:
        return known[0], {}
    pairs = find_byte_pairs(files)
    if not pairs:
        raise PackMismatch(
            f"{folder} holds no tokenizer: a tokenizer.json is expected, or for CLIP vocab.json "
            f"with merges.txt, or {OPENAI_MERGES}. Put the file that the model was published with "
            "into the folder."
        )
    return "tokenizer.json", {"tokenizer.json": byte_pair_tokenizer(folder, pairs)}


def _pixels(settings: FolderSettings, image: Tower) -> tuple[Json, list[str]]:
    """``[image]`` as far as pixels go."""
    shape = image.main.shape
    sides = set() if shape is None else set(shape[1:]) - {3, None}
    if len(sides) > 1:
        raise PackMismatch(f"The image encoder takes pictures of {shape}, which are no squares.")
    table, notes = image_table(settings, next(iter(sides), None))
    if not 16 <= table["size"] <= MOST_PIXELS:
        raise PackMismatch(
            f"It is to take pictures of {table['size']} pixels; crispd takes 16 to {MOST_PIXELS}."
        )
    return table, notes


def _image_ports(image: Tower) -> Json:
    shape = image.main.shape
    if (image.batch or 1) > 1:
        raise PackMismatch(f"The image encoder takes {image.batch} pictures at once and no others.")
    last = shape is not None and shape[-1] == 3
    return {
        "max_batch": image.batch or _BATCH, "input_name": image.main.name,
        "layout": "nhwc" if last else "nchw", "type": image.main.type,
        "output_name": image.output.name, "normalise": True,
    }  # fmt: skip


def _text_ports(text: Tower) -> Json:
    if (text.batch or 1) > 1:
        raise PackMismatch(f"The text encoder takes {text.batch} texts at once and no others.")
    return {
        "ids_name": text.main.name, "id_type": text.main.type, "mask_name": text.mask,
        "zeros": list(text.zeros), "output_name": text.output.name, "normalise": True,
    }  # fmt: skip


def _graphs(folder: Path, tower: Tower, small: Tower | None) -> Json:
    table = {"file": _file(folder, tower)}
    if small is not None:
        table["int8_file"] = _file(folder, small)
    return table


def _file(folder: Path, tower: Tower) -> str:
    """Its name in the pack."""
    path = tower.graph.path.relative_to(folder)
    return (path.with_suffix(f".{tower.kind}.onnx") if tower.shared else path).as_posix()


def _agreed_dim(image: Tower, text: Tower) -> int:
    """Of both towers' vectors; 0 where neither says it."""
    said = {one.dim for one in (image, text)} - {None}
    if len(said) > 1:
        raise PackMismatch(
            f"The image encoder gives vectors of {image.dim} numbers and the text encoder of "
            f"{text.dim}: they cannot be compared. One of the graphs lacks its projection."
        )
    dim = next(iter(said), None) or 0
    if dim > MOST_DIMENSIONS:
        raise PackMismatch(f"Its vectors have {dim} numbers; crispd takes {MOST_DIMENSIONS}.")
    return dim


def _needed(folder: Path, towers: Sequence[Tower], others: set[str]) -> tuple[str, ...]:
    found = set(others)
    for tower in towers:
        path = tower.graph.path
        beside = [path.parent / name for name in tower.graph.external]
        own = () if tower.shared else (path,)
        found |= {one.relative_to(folder).as_posix() for one in (*own, *beside)}
    return tuple(sorted(found))


def _first(languages: Sequence[str]) -> str:
    """English where it is read: dictionaries and words of the page are best in it."""
    return "en" if {"en", "*"} & set(languages) else languages[0]


def _name(settings: FolderSettings, folder: Path) -> str:
    said = str(settings.config.get("_name_or_path") or "").rstrip("/").split("/")[-1]
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name or said).strip("-.")
    return plain[:64] or "pack"
