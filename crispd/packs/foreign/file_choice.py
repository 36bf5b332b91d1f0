"""The files of a listing that a pack needs, told before anything of it is here."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names are all that a listing has; what the graphs are is told by the graphs, once they are here.
# The ends of file names that Transformers.js writes, by what its users call them.
SUFFIXES = {
    "fp32": ("",),
    "fp16": ("_fp16",),
    "int8": ("_quantized", "_int8", "_uint8"),
    "q4": ("_q4",),
    "q4f16": ("_q4f16",),
    "bnb4": ("_bnb4",),
}
PRECISIONS = tuple(SUFFIXES)
_TAGGED = re.compile(
    rf"(?P<stem>.*?)(?P<tag>{'|'.join(tag for tags in SUFFIXES.values() for tag in tags if tag)})?"
)
_SETTINGS = {".json", ".txt", ".gz", ".model", ".toml"}
_CARDS = {"readme.md", "card.md", "license", "license.txt", "licence"}
_OTHER_RUNTIMES = {"rknpu", "armnn", "coreml", "openvino", "tensorrt"}
_OWN = "pack.toml"
_IMAGE = re.compile("vision|visual|image")


def precision_of(name: str) -> str:
    """What the end of a graph's file name says; ``fp32`` where it says nothing."""
    found = _TAGGED.fullmatch(PurePosixPath(name).stem)
    tag = (found["tag"] if found else None) or ""
    return next(kind for kind, tags in SUFFIXES.items() if tag in tags)


def of_towers(precision: str | None) -> tuple[str | None, str | None]:
    """Of the image encoder and of the text encoder: ``fp16/int8``, or one for both."""
    image, _, text = (precision or "").partition("/")
    return image or None, text or image or None


def usable_files(names: Iterable[str]) -> tuple[str, ...]:
    """All but hidden ones and those of other runtimes, in order."""
    return tuple(name for name in sorted(set(names)) if _usable(name))


def wanted_files(names: Iterable[str], *, precision: str | None = None) -> tuple[str, ...]:
    """Those of a folder's file ``names`` that a pack needs, in order.

    ``precision``: of the graphs, where the folder has it, of both or as ``fp16/int8`` of images and
    texts; None takes float32 and int8, which suit any processor. A tower without it comes in what
    there is. All files of our own format.
    """
    every = sorted(set(names))
    if _OWN in every:
        return tuple(name for name in every if not _is_hidden(name))
    usable = usable_files(every)
    graphs = [name for name in usable if name.endswith(".onnx")]
    chosen = {name for tower in _towers(graphs) for name in _of_precision(tower, precision)}
    left = set(graphs) - chosen
    return tuple(
        name
        for name in usable
        if name in chosen
        or _is_setting(name)
        or (name not in left and _is_data(name, chosen, left))
    )


def _usable(name: str) -> bool:
    parts = {part.lower() for part in PurePosixPath(name).parts}
    return not (parts & _OTHER_RUNTIMES or _is_hidden(name) or name.endswith(".armnn"))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(name).parts)


def _is_setting(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _SETTINGS or path.name.lower() in _CARDS


def _towers(graphs: list[str]) -> list[list[str]]:
    """Graphs that are one in several precisions stand together."""
    found: dict[str, list[str]] = {}
    for name in graphs:
        path = PurePosixPath(name)
        match = _TAGGED.fullmatch(path.stem)
        stem = match["stem"] if match else path.stem
        found.setdefault(str(path.with_name(stem)), []).append(name)
    towers = list(found.values())
    # Optimum writes both towers in one graph besides, under the plain name.
    split = [
        tower for tower in towers if not re.match(r"model(_|\.|$)", PurePosixPath(tower[0]).name)
    ]
    apart = {str(PurePosixPath(tower[0]).parent) for tower in split}
    return [
        tower
        for tower in towers
        if tower in split or str(PurePosixPath(tower[0]).parent) not in apart
    ]


def _of_precision(tower: list[str], precision: str | None) -> list[str]:
    kinds: dict[str, str] = {}
    for name in tower:  # of several in one precision, the one that its makers name first
        kind = precision_of(name)
        tags = SUFFIXES[kind]
        known = kinds.get(kind)
        if known is None or _rank(name, tags) < _rank(known, tags):
            kinds[kind] = name
    image, text = of_towers(precision)
    stem = PurePosixPath(tower[0]).as_posix().lower()
    asked = {text} if "text" in stem else {image} if _IMAGE.search(stem) else {image, text}
    if found := [kinds[kind] for kind in sorted(kinds) if kind in asked]:
        return found
    both = [kinds[kind] for kind in ("fp32", "int8") if kind in kinds]
    return both or [next(kinds[kind] for kind in PRECISIONS if kind in kinds)]


def _rank(name: str, tags: tuple[str, ...]) -> int:
    stem = PurePosixPath(name).stem
    return next(place for place, tag in enumerate(tags) if stem.endswith(tag))


def _is_data(name: str, chosen: set[str], left: set[str]) -> bool:
    """Whether a file may hold the constants of a chosen graph: no name of a graph left out is
    its beginning, or it stands in a folder of a chosen one.
    """
    path = PurePosixPath(name)
    if path.suffix.lower() in {".md", ".png", ".jpg", ".safetensors", ".bin", ".pt", ".h5"} and (
        path.suffix.lower() != ".bin" or path.parent == PurePosixPath()
    ):
        return False
    if any(name.startswith(graph) for graph in left):
        return False
    base = path.name.split(".")[0]
    if any(PurePosixPath(graph).stem == base for graph in left):
        return False
    return any(path.parent == PurePosixPath(graph).parent for graph in chosen)
