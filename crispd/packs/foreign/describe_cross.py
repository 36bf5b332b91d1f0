"""Reads a folder with a cross-encoder: a graph takes token ids and a photo together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.packs.foreign.settings import image_table
from crispd.packs.foreign.text_settings import text_table

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.foreign.settings import FolderSettings, Json
    from crispd.packs.foreign.text_settings import TokenizerFile
    from crispd.packs.foreign.towers import CrossGraph, Tower

_AT_ONCE = 8
_FILE = {"path": "none", "bytes": 1, "sha256": "0" * 64}


def cross_table(
    folder: Path,
    settings: FolderSettings,
    vocabulary: TokenizerFile,
    found: tuple[CrossGraph, Tower | None],
) -> tuple[Json, list[str]]:
    """``[image]``, ``[text]`` less its tokenizer, ``[cross]``, and sentences on what is assumed.
    Regions and their length, in ``[tokens]``, are told by a run where no graph says them.
    """
    cross, maker = found
    pixels = cross.photos if maker is None else maker.main
    shape = pixels.shape or ()
    size = next((side for side in shape[1:] if side not in (3, None)), None)
    image, notes = image_table(settings, size)
    graph = cross.tower.graph if maker is None else maker.graph
    image |= {
        "file": _place(folder, graph.path), "input_name": pixels.name, "type": pixels.type,
        "layout": "nhwc" if shape[-1:] == (3,) else "nchw", "max_batch": 1,
        "output_name": cross.tower.output.name if maker is None else maker.output.name,
    }  # fmt: skip
    words, more = text_table(settings, cross.tower, vocabulary)
    text = {
        "file": _place(folder, cross.tower.graph.path), **words,
        "ids_name": cross.tower.main.name, "id_type": cross.tower.main.type,
        "mask_name": cross.tower.mask, "zeros": list(cross.tower.zeros),
        "output_name": cross.tower.output.name,
    }  # fmt: skip
    one = (cross.photos.shape or (None,))[0] == 1
    table: Json = {
        "image": image, "text": text,
        "cross": {
            "photos_name": cross.photos.name, "photos_mask": cross.photos_mask,
            "output_name": cross.tower.output.name, "at_once": 1 if one else _AT_ONCE,
            "ids_once": not one and cross.tower.batch == 1,
        },
    }  # fmt: skip
    if maker is not None:
        regions, dim = (maker.output.shape or (None, None, None))[1:]
        table["tokens"] = {"regions": regions or 1, "dim": dim or 1, "storage": "int8"}
    return table, [*notes, *more]


def _place(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
