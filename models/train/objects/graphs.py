"""What a photo shows and what a text asks for, as graphs behind those of a pack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from train.fine.network import TOKEN_DIM
from train.objects.nanodet import NanoDet
from train.objects.parts import Asked, Seen, Side
from train.packing.export import OPSET, quietly
from train.packing.join import join
from train.packing.quantise import quantise_image
from train.packing.shared_weights import share_weights


class PhotoPart(nn.Module):
    """pixels [B, 3, 224, 224] -> part [B, d]."""

    def __init__(self, detector: NanoDet, seen: Seen, side: Side) -> None:
        super().__init__()
        self.detector, self.seen, self.side = detector, seen, side

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.side(self.seen(self.detector(pixels)))


class TextPart(nn.Module):
    """tokens [B, L, 96], word_mask [B, L] -> part [B, d]."""

    def __init__(self, asked: Asked, side: Side) -> None:
        super().__init__()
        self.asked, self.side = asked, side

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.side(self.asked(tokens, mask))


def put_behind_photos(part: PhotoPart, folder: Path, calibration: np.ndarray) -> None:
    """Into ``image.onnx`` and ``image.int8.onnx``; ``calibration``: pixels [N, 224, 224, 3]."""
    full, plain, int8 = (folder / f"objects{end}.onnx" for end in (".fp32", "", ".int8"))
    _export(part, (torch.randn(2, 3, 224, 224),), full, {"pixels": {0: "B"}})
    quantise_image(full, int8, plain, calibration)
    graphs = [folder / "image.onnx", folder / "image.int8.onnx"]
    for graph, more in zip(graphs, (plain, int8), strict=True):
        join(graph, more, (1 - part.side.share) ** 0.5)
    share_weights(graphs, folder / "image.weights")
    for path in (full, plain, int8):
        path.unlink()


def put_behind_texts(part: TextPart, graphs: list[Path]) -> None:
    """Into finished graphs of texts."""
    axes = {0: "B", 1: "L"}
    example = (torch.randn(2, 5, TOKEN_DIM), torch.ones(2, 5))
    for graph in graphs:
        more = graph.with_suffix(".objects")
        _export(part, example, more, {"tokens": axes, "word_mask": axes})
        join(graph, more, (1 - part.side.share) ** 0.5)
        more.unlink()


def _export(
    part: nn.Module, example: tuple[torch.Tensor, ...], path: Path,
    inputs: dict[str, dict[int, str]],
) -> None:  # fmt: skip
    with quietly():
        torch.onnx.export(
            part.eval(), example, str(path), dynamo=False, opset_version=OPSET,
            input_names=list(inputs), output_names=["part"],
            dynamic_axes={**inputs, "part": {0: "B"}},
        )  # fmt: skip
