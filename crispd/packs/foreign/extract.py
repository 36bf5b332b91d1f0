"""One tower out of a graph that holds both, as CLIP is often exported: the nodes that its vector
needs, and nothing that only the other one does.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import PackCorrupt
from crispd.packs.foreign.wire import Message, bytes_field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Of ModelProto, GraphProto, NodeProto and AttributeProto.
_GRAPH, _NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUES, _SPARSE = 7, 1, 5, 11, 12, 13, 15
_TAKES, _GIVES, _ATTRIBUTE, _BRANCH, _BRANCHES = 1, 2, 5, 6, 11
_NAME, _TENSOR_NAME = 1, 8


@dataclass(frozen=True, slots=True)
class Extraction:
    """``inputs``: of the graph, that ``output`` needs."""

    output: str
    inputs: frozenset[str]
    needed: frozenset[str]


def needed_for(path: Path, output: str) -> Extraction:
    """What an output needs. ``path`` was read by ``read_graph``. Raises PackCorrupt."""
    with path.open("rb") as stream:
        return _needed(_graph_of(Message(_mapped(stream.fileno()))), output)


def extract(source: Path, target: Path, output: str) -> None:
    """Write the part of ``source`` that ``output`` needs; constants in other files stay there, so
    ``target`` lies beside what they are beside. Raises PackCorrupt or OSError.
    """
    with source.open("rb") as stream:
        model = Message(_mapped(stream.fileno()))
        found = _needed(_graph_of(model), output)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # it may be a link to what is read
        with target.open("wb") as written:
            for number, value, raw in model.spans():
                if number == _GRAPH and isinstance(value, Message):
                    written.write(bytes_field(_GRAPH, b"".join(_kept(value, found))))
                else:
                    written.write(raw)


def _mapped(descriptor: int) -> memoryview:
    return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))


def _graph_of(model: Message) -> Message:
    graph = model.one(_GRAPH)
    if graph is None:
        raise PackCorrupt("it is damaged, or no ONNX file")
    return graph


def _needed(graph: Message, output: str) -> Extraction:
    makers = {name.text(): node for node in graph.all(_NODE) for name in node.all(_GIVES)}
    wanted, needed = [output], set[str]()
    while wanted:
        name = wanted.pop()
        if name and name not in needed:
            needed.add(name)
            if (node := makers.get(name)) is not None:
                wanted += _names_in(node)
    inputs = {port.text_of(_NAME) for port in graph.all(_INPUT)}
    return Extraction(output, frozenset(inputs & needed), frozenset(needed))


def _names_in(node: Message) -> Iterator[str]:
    """What a node takes, also deep inside of its branches."""
    yield from (name.text() for name in node.all(_TAKES))
    for attribute in node.all(_ATTRIBUTE):
        for branch in (*attribute.all(_BRANCH), *attribute.all(_BRANCHES)):
            for inner in branch.all(_NODE):
                yield from _names_in(inner)
            yield from (port.text_of(_NAME) for port in branch.all(_OUTPUT))


def _kept(graph: Message, found: Extraction) -> Iterator[bytes | memoryview]:
    for number, value, raw in graph.spans():
        if not isinstance(value, Message) or _is_kept(number, value, found):
            yield raw


def _is_kept(number: int, value: Message, found: Extraction) -> bool:
    if number == _NODE:
        return any(name.text() in found.needed for name in value.all(_GIVES))
    if number == _INITIALIZER:
        return value.text_of(_TENSOR_NAME) in found.needed
    if number == _SPARSE:
        tensor = value.one(1)
        return tensor is not None and tensor.text_of(_TENSOR_NAME) in found.needed
    if number in (_INPUT, _VALUES):
        return value.text_of(_NAME) in found.needed
    return number != _OUTPUT or value.text_of(_NAME) == found.output
