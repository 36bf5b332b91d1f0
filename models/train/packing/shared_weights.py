"""One file of constants for graphs that lie beside each other."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
from onnx import TensorProto, numpy_helper

from train.packing.graph_file import read_graph, write_graph
from train.running.atomic import atomic

_LARGE = 1024  # bytes from which a constant is worth the trouble
_ALIGNMENT = 64  # bytes: a cache line


def share_weights(graphs: list[Path], weights: Path) -> None:
    """Move large constants of graphs beside each other into one file; equal ones once."""
    places: dict[bytes, int] = {}
    with atomic(weights) as part, part.open("wb") as out:
        for path in graphs:
            model = read_graph(path)
            for tensor in model.graph.initializer:
                data = numpy_helper.to_array(tensor).tobytes()
                if len(data) < _LARGE:
                    continue
                digest = hashlib.sha256(data).digest()
                if digest not in places:
                    out.write(b"\0" * (-out.tell() % _ALIGNMENT))
                    places[digest] = out.tell()
                    out.write(data)
                _point(tensor, weights.name, places[digest], len(data))
            write_graph(model, path)


def _point(tensor: onnx.TensorProto, name: str, offset: int, length: int) -> None:
    for field in ("raw_data", "float_data", "int32_data", "int64_data"):
        tensor.ClearField(field)
    del tensor.external_data[:]
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", name), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
