"""Graphs of packs, read and written so that another name of a file does no harm and takes none.

A running crispd gives the files of its pack a second name (a hard link), so that it has them still
when the pack is changed. ``onnx.load`` refuses constants in such files, and what writes into them
changes what a running service has mapped.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, external_data_helper

from train.running.atomic import atomic


def read_graph(path: Path) -> onnx.ModelProto:
    """A graph with all its constants, which may lie in files beside it."""
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        if not external_data_helper.uses_external_data(tensor):
            continue
        told = external_data_helper.ExternalDataInfo(tensor)
        beside = path.with_name(Path(told.location).name)
        with beside.open("rb") as file:
            file.seek(told.offset or 0)
            tensor.raw_data = file.read(-1 if told.length is None else told.length)
        tensor.data_location = TensorProto.DEFAULT
        del tensor.external_data[:]
    return model


def write_graph(model: onnx.ModelProto, path: Path) -> None:
    """In the place of what was there, never into it."""
    with atomic(path) as part:
        onnx.save(model, str(part))
