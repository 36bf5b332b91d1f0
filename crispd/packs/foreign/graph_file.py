"""What an ONNX file says of itself, without loading it: inputs, outputs, operators, weights.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

import math
import mmap
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt, PackError
from crispd.packs.foreign.wire import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

# TensorProto.DataType
TYPE_NAMES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    8: "string", 9: "bool", 10: "float16", 11: "float64", 16: "bfloat16",
}  # fmt: skip
_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
# Operators of onnxruntime itself; all others would be somebody's library.
_DOMAINS = {
    "", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc",
}  # fmt: skip
_EXTERNAL = 1
_DEEPEST = 16  # graphs within graphs, as branches and loops have them
_RAW = 9  # of TensorProto


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output. ``shape``: numbers where they are fixed, None where not; None: unsaid."""

    name: str
    type: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class GraphFile:
    """``external``: files beside it, by how many bytes of them it needs. ``weights``: bytes of its
    constants by type. ``operators``: how many nodes of each.
    """

    path: Path
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    operators: Counter[str]
    external: dict[str, int]
    weights: Counter[str]

    @property
    def bytes(self) -> int:
        """Of all its constants."""
        return sum(self.weights.values())


@dataclass(slots=True)
class _Contents:
    operators: Counter[str] = field(default_factory=Counter)
    domains: set[str] = field(default_factory=set)
    external: dict[str, int] = field(default_factory=dict)
    weights: Counter[str] = field(default_factory=Counter)


def read_graph(path: Path) -> GraphFile:
    """Raises PackError with the reason why it is no graph that crispd would run."""
    try:
        with path.open("rb") as stream:
            # closed once nothing points into it, which of an error its traceback still does
            return _read(path, Message(memoryview(_mapped(stream.fileno()))))
    except OSError as error:
        raise PackCorrupt(f"{path} cannot be read: {error.strerror}.") from error
    except PackError as error:
        raise type(error)(f"{path} cannot be used: {error}.") from error


def _mapped(descriptor: int) -> mmap.mmap:
    try:
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    except ValueError as error:
        raise PackCorrupt("it is empty") from error


def _read(path: Path, model: Message) -> GraphFile:
    graph = model.one(7)
    if graph is None:
        raise PackCorrupt("it is damaged, or no ONNX file")
    contents = _Contents()
    _look(graph, contents, 0)
    own: set[str] = set()
    for function in model.all(25):
        own.add(function.text_of(10))
        for node in function.all(7):
            _look_at_node(node, contents, 1)
    foreign = sorted(contents.domains - _DOMAINS - own)
    if foreign:
        raise PackError(
            f"it needs operators of {foreign[0][:60]!r}, which onnxruntime does not have"
        )
    for name in contents.external:
        _check_external(path, name, contents.external[name])
    constants = {item.text_of(8) for item in graph.all(5)}
    return GraphFile(
        path,
        tuple(port for port in map(_port, graph.all(11)) if port.name not in constants),
        tuple(map(_port, graph.all(12))),
        contents.operators,
        contents.external,
        contents.weights,
    )


def _look(graph: Message, contents: _Contents, depth: int) -> None:
    if depth > _DEEPEST:
        raise PackCorrupt("its graphs lie too deep within each other")
    for number, value in graph.fields():
        if not isinstance(value, Message):
            continue
        if number == 1:
            _look_at_node(value, contents, depth)
        elif number == 5:
            _look_at_tensor(value, contents)
        elif number == 15:  # sparse: values and indices
            for tensor in (*value.all(1), *value.all(2)):
                _look_at_tensor(tensor, contents)


def _look_at_node(node: Message, contents: _Contents, depth: int) -> None:
    contents.operators[node.text_of(4)] += 1
    contents.domains.add(node.text_of(7))
    for attribute in node.all(5):
        for number, value in attribute.fields():
            if not isinstance(value, Message):
                continue
            if number in (5, 10):
                _look_at_tensor(value, contents)
            elif number in (6, 11):
                _look(value, contents, depth + 1)


def _look_at_tensor(tensor: Message, contents: _Contents) -> None:
    dims, kind = tensor.numbers(1), tensor.number(2)
    if any(dim < 0 for dim in dims):
        raise PackCorrupt("a constant has a negative size")
    size = math.prod(dims) * _BYTES.get(kind, 0)  # less than a byte each: not checked
    contents.weights[TYPE_NAMES.get(kind, "other")] += size
    if tensor.number(14) != _EXTERNAL:
        raw = tensor.one(_RAW)
        held = size if raw is None else len(raw)  # onnxruntime counts the numbers of other fields
        if held < size:
            raise PackCorrupt(f"a constant of {size} bytes has {held} in the file")
        return
    said = {entry.text_of(1): entry.text_of(2) for entry in tensor.all(13)}
    offset, length = _whole(said.get("offset", "0")), _whole(said.get("length", str(size)))
    if length < size:
        raise PackCorrupt(f"a constant of {size} bytes has {length} in a file beside it")
    name = said.get("location", "")
    contents.external[name] = max(contents.external.get(name, 0), offset + length)


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise PackCorrupt("it does not say where its constants lie")
    return int(text)


def _check_external(path: Path, name: str, needed: int) -> None:
    """A file inside the graph's own folder that is large enough."""
    inner = Path(name)
    if not inner.name or inner.is_absolute() or ".." in inner.parts or "\\" in name or "\0" in name:
        raise PackCorrupt(f"its constants are to lie outside of its folder, in {name[:80]!r}")
    beside = path.parent / inner
    if not beside.is_file():
        raise PackCorrupt(f"the file {name[:80]!r} with its constants is missing beside it")
    if beside.stat().st_size < needed:
        raise PackCorrupt(f"the file {name[:80]!r} beside it is too short for its constants")


def _port(value: Message) -> Port:
    kind = value.one(2)
    tensor = None if kind is None else kind.one(1)
    if tensor is None:
        return Port(value.text_of(1), "other", None)
    shape = tensor.one(2)
    dims = None if shape is None else tuple(_dims(shape))
    return Port(value.text_of(1), TYPE_NAMES.get(tensor.number(1), "other"), dims)


def _dims(shape: Message) -> Iterator[int | None]:
    for dim in shape.all(1):
        size = dim.number(1, -1)
        yield size if size > 0 else None
