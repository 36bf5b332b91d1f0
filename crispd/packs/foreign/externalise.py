"""Large constants of a graph into a file beside it, from where onnxruntime maps them into memory.

Inside of the graph's file they are copied when it is loaded: a text encoder with a vocabulary of
256 MB and as much in matrices took 518 MB of a process's own memory and 746 at its peak, and with
the same constants beside it 226 and 274, of which the vocabulary is none: its pages come from the
file when words need them, and the system may take them back (onnxruntime 1.32).
"""

from __future__ import annotations

import mmap
from typing import IO, TYPE_CHECKING

from crispd.packs.foreign.wire import Message, bytes_field, number_field

if TYPE_CHECKING:
    from pathlib import Path

_LEAST = 16 * 1024  # bytes of a constant that is worth a place of its own
_PAGE = 4096  # where a map may begin
# Of ModelProto, GraphProto, TensorProto and StringStringEntryProto.
_GRAPH, _INITIALIZER, _RAW, _EXTERNAL, _LOCATION, _KEY, _VALUE = 7, 5, 9, 13, 14, 1, 2
_DEFAULT, _BESIDE = 0, 1


def externalise(source: Path, graph: Path, weights: Path) -> bool:
    """Write the graph of ``source`` to ``graph`` with large constants in ``weights``, which lie in
    one folder. False, and nothing is written, where there are none.

    ``source`` was read by ``read_graph``. Raises OSError.
    """
    with source.open("rb") as stream:
        model = Message(memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)))
        if not any(_is_large(tensor) for part in model.all(_GRAPH) for tensor in part.all(5)):
            return False
        for path in (graph, weights):  # what is there may be a link to what is read
            path.unlink(missing_ok=True)
        with weights.open("wb") as beside, graph.open("wb") as written:
            for number, value, raw in model.spans():
                if number == _GRAPH and isinstance(value, Message):
                    written.write(bytes_field(_GRAPH, _graph(value, beside, weights.name)))
                else:
                    written.write(raw)
    return True


def _graph(graph: Message, beside: IO[bytes], name: str) -> bytes:
    parts: list[bytes | memoryview] = []
    for number, value, raw in graph.spans():
        if number == _INITIALIZER and isinstance(value, Message) and _is_large(value):
            parts.append(bytes_field(_INITIALIZER, _tensor(value, beside, name)))
        else:
            parts.append(raw)
    return b"".join(parts)


def _tensor(tensor: Message, beside: IO[bytes], name: str) -> bytes:
    """The same with its bytes in ``beside``."""
    beside.write(bytes(-beside.tell() % _PAGE))
    offset, parts, length = beside.tell(), [], 0
    for number, value, raw in tensor.spans():
        if number == _RAW and isinstance(value, Message):
            length = beside.write(value.data)
        elif number not in (_EXTERNAL, _LOCATION):
            parts.append(bytes(raw))
    said = {"location": name, "offset": str(offset), "length": str(length)}
    for key, text in said.items():
        entry = bytes_field(_KEY, key.encode()) + bytes_field(_VALUE, text.encode())
        parts.append(bytes_field(_EXTERNAL, entry))
    return b"".join([*parts, number_field(_LOCATION, _BESIDE)])


def _is_large(tensor: Message) -> bool:
    raw = tensor.one(_RAW)
    inside = tensor.number(_LOCATION, _DEFAULT) == _DEFAULT
    return inside and raw is not None and len(raw) >= _LEAST
