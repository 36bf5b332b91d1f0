"""The two towers of a folder, told by what its graphs take and give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from crispd.errors import PackMismatch
from crispd.packs.foreign.extract import needed_for
from crispd.packs.foreign.graph_file import read_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crispd.packs.foreign.graph_file import GraphFile, Port

Kind = Literal["image", "text"]
_FLOATS = {"float32", "float16"}
_PIXELS = _FLOATS | {"uint8"}
_IDS = {"int64", "int32"}
# Names of vectors for comparison, the surest first; an only output needs none of them.
_POOLED = (
    "image_embeds", "text_embeds", "image_embedding", "text_embedding", "image_features",
    "text_features", "embedding", "embeddings", "sentence_embedding", "pooler_output", "output",
)  # fmt: skip
# Of several graphs in one precision the one whose name says least, then as Transformers.js writes.
_NAMED = ("_quantized", "_int8", "_uint8")
_QUANTIZED = ("DynamicQuantizeLinear", "DequantizeLinear", "MatMulInteger", "ConvInteger")
_MOST_OUTPUTS = 64
_OF_PHOTOS = ("encoder", "image", "vision", "pixel", "photo")  # in the name of a mask
FLOAT_KINDS = ("fp32", "fp16", "q4", "q4f16", "bnb4")


@dataclass(frozen=True, slots=True)
class Tower:
    """A graph and its part in a pack. ``main``: its pixels, or its ids; ``mask`` and ``zeros``:
    inputs for which tokens count, and such as are 0 throughout. ``output``: the vector. ``shared``:
    the graph holds the other tower as well, and is cut.
    """

    kind: Kind
    graph: GraphFile
    main: Port
    output: Port
    mask: str = ""
    zeros: tuple[str, ...] = ()
    shared: bool = False

    @property
    def precision(self) -> str:
        """Of most of its constants, as Transformers.js calls it."""
        operators, weights = self.graph.operators, self.graph.weights
        halves = weights["float16"] > weights["float32"]
        if operators["MatMulBnb4"]:
            return "bnb4"
        if operators["MatMulNBits"]:
            return "q4f16" if halves else "q4"
        if any(operators[name] for name in _QUANTIZED):
            return "int8"
        return "fp16" if halves else "fp32"

    @property
    def dim(self) -> int | None:
        """Of its vectors, where the graph says it."""
        return None if self.output.shape is None else self.output.shape[-1]

    @property
    def batch(self) -> int | None:
        """How many at once, where the graph takes no other number."""
        return None if self.main.shape is None else self.main.shape[0]


def find_towers(folder: Path, graphs: Sequence[Path]) -> list[Tower]:
    """All towers among ``graphs``. Raises PackError where there are not both kinds."""
    read = [read_graph(path) for path in graphs]
    if not read:
        raise PackMismatch(f"{folder} holds no ONNX graphs (*.onnx), so it cannot be made a pack.")
    towers = [tower for tower in map(_tower, read) if tower is not None]
    missing = {"image", "text"} - {tower.kind for tower in towers}
    if missing:
        joint = [tower for graph in read for tower in _joint(graph) if tower.kind in missing]
        towers += joint
        missing -= {tower.kind for tower in joint}
    if missing:
        what = " and ".join(sorted(missing))
        shown = ", ".join(_shown(graph) for graph in read[:4])
        raise PackMismatch(
            f"{folder} has no graph that crispd can take for the {what} encoder: {shown}. One that "
            "takes pixels alone and one that takes token ids alone are expected, each with a "
            "vector as output, or one graph with both."
        )
    return towers


@dataclass(frozen=True, slots=True)
class CrossGraph:
    """A graph that takes token ids and a photo together. ``tower``: of its text, with its scores as
    ``output``; ``photos``: its input for features or pixels; ``photos_mask``: for which count.
    """

    tower: Tower
    photos: Port
    photos_mask: str = ""

    @property
    def of_pixels(self) -> bool:
        """Whether it looks at the photo itself."""
        return len(self.photos.shape or ()) == 4


def find_cross(graphs: Sequence[Path]) -> tuple[CrossGraph, Tower | None] | None:
    """A cross-encoder among ``graphs``, with the graph that makes features for it where it needs
    one; None where there is no such pair. Raises PackError.
    """
    read = [read_graph(path) for path in graphs]
    found = sorted(filter(None, map(_cross, read)), key=lambda one: _by_name(one.tower))
    for cross in found:
        if cross.of_pixels:
            return cross, None
        dim = (cross.photos.shape or (None,))[-1]
        makers = [one for one in (_features(graph, dim) for graph in read) if one is not None]
        if makers:
            return cross, min(makers, key=_by_name)
    return None


def _cross(graph: GraphFile) -> CrossGraph | None:
    photos = [port for port in graph.inputs if port.type in _PIXELS and _rank(port) in (3, 4)]
    numbers = [port for port in graph.inputs if port.type in _IDS and _rank(port) == 2]
    if len(photos) != 1 or len(numbers) + 1 != len(graph.inputs):
        return None
    masks = [port.name for port in numbers if "mask" in port.name]
    of_photos = [name for name in masks if any(word in name for word in _OF_PHOTOS)]
    zeros = tuple(port.name for port in numbers if "token_type" in port.name)
    ids = [port for port in numbers if port.name not in (*masks, *zeros)]
    of_words = [name for name in masks if name not in of_photos]
    scores = [port for port in graph.outputs if _is_score(port)]
    if len(ids) != 1 or len(of_words) > 1 or len(of_photos) > 1 or len(scores) != 1:
        return None
    mask = of_words[0] if of_words else ""
    tower = Tower("text", graph, ids[0], scores[0], mask, zeros)
    return CrossGraph(tower, photos[0], of_photos[0] if of_photos else "")


def _is_score(port: Port) -> bool:
    """One number a photo, or two."""
    shape = port.shape
    if port.type not in _FLOATS or shape is None or len(shape) > 2:
        return False
    return len(shape) == 1 or shape[1] in (1, 2)


def _features(graph: GraphFile, dim: int | None) -> Tower | None:
    """A graph of pixels alone with vectors of regions, of this length."""
    pixels = [port for port in graph.inputs if port.type in _PIXELS and _rank(port) == 4]
    regions = [port for port in graph.outputs if port.type in _FLOATS and _rank(port) == 3]
    fits = [port for port in regions if dim is None or (port.shape or (None,))[-1] in (dim, None)]
    if len(pixels) != 1 or len(graph.inputs) != 1 or not fits:
        return None
    return Tower("image", graph, pixels[0], fits[0])


def choose(
    towers: Sequence[Tower], kind: Kind, precision: str | None
) -> tuple[Tower, Tower | None]:
    """The graph of a kind, and its twin in int8 where it has one and no precision is asked for.

    A kind without the precision comes in what there is. Raises PackMismatch where there is a choice
    and nobody has the precision.
    """
    found: dict[str, Tower] = {}
    for tower in sorted((one for one in towers if one.kind == kind), key=_by_name):
        found.setdefault(tower.precision, tower)
    if precision in found:
        return found[precision], None
    kinds = {tower.precision for tower in towers}
    if precision is not None and precision not in kinds and len(found) > 1:
        raise PackMismatch(
            f"It has no encoder in {precision}; there is {', '.join(sorted(kinds))}."
        )
    main = next(found[name] for name in (*FLOAT_KINDS, "int8") if name in found)
    small = found.get("int8")
    return main, None if small is main else small


def _by_name(tower: Tower) -> tuple[int, int, str]:
    path = tower.graph.path
    rank = next((place for place, tag in enumerate(_NAMED, 1) if path.stem.endswith(tag)), 0)
    return rank, len(path.parts), str(path)


def _tower(graph: GraphFile) -> Tower | None:
    """None for both towers in one graph, and for graphs of other kinds."""
    pixels, numbers = _inputs(graph)
    output = _vector(graph.outputs)
    if output is None:
        return None
    if len(pixels) == 1 and len(graph.inputs) == 1:
        return Tower("image", graph, pixels[0], output)
    masks = [port.name for port in numbers if "mask" in port.name]
    zeros = tuple(port.name for port in numbers if "token_type" in port.name)
    ids = [port for port in numbers if port.name not in (*masks, *zeros)]
    if len(ids) == 1 and len(masks) <= 1 and len(numbers) == len(graph.inputs):
        return Tower("text", graph, ids[0], output, masks[0] if masks else "", zeros)
    return None


def _inputs(graph: GraphFile) -> tuple[list[Port], list[Port]]:
    """What may be pixels, and what may be ids or masks."""
    return (
        [port for port in graph.inputs if port.type in _PIXELS and _rank(port) in (4, None)],
        [port for port in graph.inputs if port.type in _IDS and _rank(port) in (2, None)],
    )


def _joint(graph: GraphFile) -> Iterator[Tower]:
    """The towers of a graph that takes pixels and ids: told by what each output needs of them."""
    pixels, numbers = _inputs(graph)
    if not (pixels and numbers) or len(graph.outputs) > _MOST_OUTPUTS:
        return
    needs = {port: needed_for(graph.path, port.name).inputs for port in graph.outputs}
    for ports in (pixels, numbers):
        names = {port.name for port in ports}
        outputs = [port for port, needed in needs.items() if needed and needed <= names]
        used = frozenset[str]().union(*(needs[port] for port in outputs))
        inputs = tuple(port for port in ports if port.name in used)
        tower = _tower(replace(graph, inputs=inputs, outputs=tuple(outputs)))
        if tower is not None:
            # another output may need more inputs than the vector does
            needed = needs[tower.output]
            yield replace(
                tower, shared=True, mask=tower.mask if tower.mask in needed else "",
                zeros=tuple(name for name in tower.zeros if name in needed),
            )  # fmt: skip


def _vector(outputs: Sequence[Port]) -> Port | None:
    """The output with one vector an input: by its name, or because it is the only one."""
    vectors = [port for port in outputs if port.type in _FLOATS and _rank(port) in (2, None)]
    for name in _POOLED:
        for port in vectors:
            if port.name == name:
                return port
    sure = [port for port in vectors if _rank(port) == 2]
    candidates = sure or vectors
    return candidates[0] if len(candidates) == 1 else None


def _rank(port: Port) -> int | None:
    return None if port.shape is None else len(port.shape)


def _shown(graph: GraphFile) -> str:
    inputs = ", ".join(f"{port.name} {port.type}" for port in graph.inputs[:4])
    outputs = ", ".join(port.name for port in graph.outputs[:4])
    return f"{graph.path.name} takes {inputs} and gives {outputs}"
