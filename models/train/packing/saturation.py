"""Scales of int8 weights whose products add up in 16 bits.

x86 without VNNI multiplies bytes by signed bytes with ``pmaddubsw``, which adds the products
of two neighbours along the inner dimension in 16 bits and cuts off what does not fit: 255 * (127 +
127) is twice too much. The usual cure is weights of seven bits. Neighbours are seldom both large
and of one sign, so scales that bound each pair by itself cost far less than a bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

# 255 * 128 = 32,640 fits in 16 bits. Rounding may add a half to each of two.
_LIMIT = 127.5


def scales(weights: np.ndarray, *, ordered: bool = True) -> np.ndarray:
    """weights [N, K], of N channels -> a scale a channel [N].

    ``ordered``: whether the pairs (0, 1), (2, 3) … are added to each other; else any two may be.
    """
    signed = np.stack([weights.clip(min=0), (-weights).clip(min=0)])  # [2, N, K]
    if not ordered:
        signed = np.sort(signed, -1)[..., ::-1]
    if signed.shape[-1] % 2:
        signed = np.pad(signed, ((0, 0), (0, 0), (0, 1)))
    pairs = signed.reshape(2, len(weights), -1, 2).sum(-1)
    found: np.ndarray = (pairs.max((0, 2)) / _LIMIT).clip(min=1e-12).astype(np.float32)
    return found


def overrides(model: onnx.ModelProto, nodes: set[str]) -> dict[str, list[dict[str, Any]]]:
    """What onnxruntime's quantiser is told of the weights of ``nodes``, convolutions and products.

    Depthwise convolutions add in 32 bits everywhere and are left out.
    """
    constants = {each.name: each for each in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        if node.name not in nodes or node.op_type not in {"Conv", "MatMul"}:
            continue
        if any(each.name == "group" and each.i > 1 for each in node.attribute):
            continue
        weights = numpy_helper.to_array(constants[node.input[1]])
        axis = 0 if node.op_type == "Conv" else 1
        rows = np.moveaxis(weights, axis, 0).reshape(weights.shape[axis], -1)
        # A kernel larger than a point is laid out in an order of the runtime's own.
        ordered = weights.ndim == 2 or weights.shape[-1] == 1
        found[node.input[1]] = [
            {"axis": axis, "scale": scale, "zero_point": np.int8(0)}
            for scale in scales(rows, ordered=ordered)
        ]
    return found
