"""Graphs in the layouts that are published."""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn


class Calls(nn.Module):
    """A function of a model, as a module."""

    def __init__(self, model: nn.Module, function: Callable[..., object]) -> None:
        super().__init__()
        self.model = model
        self.function = function

    def forward(self, *inputs: torch.Tensor) -> object:
        return self.function(self.model, *inputs)


def export(
    path: Path,
    model: nn.Module,
    function: Callable[..., object],
    inputs: dict[str, torch.Tensor],
    outputs: list[str],
    *,
    dynamic: dict[str, dict[int, str]] | None = None,
    external: bool = False,
) -> None:
    """One graph; ``dynamic``: axes that are not fixed, by input. ``external``: weights outside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    module = Calls(model, function).eval()
    shapes = None
    if dynamic is not None:
        shapes = {
            "inputs": tuple(
                dict.fromkeys(dynamic.get(name, {}), torch.export.Dim.DYNAMIC) for name in inputs
            )
        }
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=[f"made_{name}" for name in outputs],
            dynamo=True,
            dynamic_shapes=shapes,
            external_data=external,
            verbose=False,
        )
    _rename(path, outputs)


def _rename(path: Path, outputs: list[str]) -> None:
    """Outputs as they are published: values inside may have the same names, which export allows."""
    model = onnx.load(path, load_external_data=False)
    names = {name: f"inner_{name}" for name in outputs} | {f"made_{name}": name for name in outputs}
    for node in model.graph.node:
        node.input[:] = [names.get(one, one) for one in node.input]
        node.output[:] = [names.get(one, one) for one in node.output]
    for value in (*model.graph.output, *model.graph.value_info, *model.graph.initializer):
        value.name = names.get(value.name, value.name)
    path.write_bytes(model.SerializeToString())


def twins(path: Path) -> None:
    """Beside a graph its twins in float16 and int8, named as Transformers.js names them."""
    with contextlib.redirect_stdout(io.StringIO()):
        quantize_dynamic(
            path,
            path.with_name(f"{path.stem}_quantized.onnx"),
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
        )
    half(path, path.with_name(f"{path.stem}_fp16.onnx"))


def half(source: Path, target: Path) -> None:
    """Constants in float16, computed in float32: a cast after each."""
    model = onnx.load(source)
    nodes = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 64:
            continue
        name = tensor.name
        tensor.CopyFrom(
            numpy_helper.from_array(
                numpy_helper.to_array(tensor).astype(np.float16), f"{name}_half"
            )
        )
        nodes.append(onnx.helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    for place, node in enumerate(nodes):
        model.graph.node.insert(place, node)
    onnx.save(model, target)


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
