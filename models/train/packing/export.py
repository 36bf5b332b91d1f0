"""From a checkpoint to the three graphs of a pack."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from train.fine.network import TOKEN_DIM, TOKENS
from train.packing.quantise import (
    quantise_image,
    quantise_text,
    store_as_half,
)
from train.packing.shared_weights import share_weights
from train.packing.text_twin import split
from train.packing.trim import trim
from train.running.atomic import atomic
from train.towers.model import Model, word_mask

log = logging.getLogger(__name__)

OPSET = 17


class ImageGraph(nn.Module):
    """pixels -> embedding, tokens."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        joined, tokens = self.model.heads.encode_image(*self.model.image(pixels))
        return self.model.balance.photo(joined), tokens


class TextGraph(nn.Module):
    """input_ids, attention_mask -> embedding, tokens, word_mask."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        joined, tokens, _ = self.model.texts(ids, mask.float())
        return self.model.balance.text(joined), tokens, word_mask(ids)


class FineGraph(nn.Module):
    """text_tokens [L, D], word_mask [L], image_tokens [K, R, D] -> scores [K]."""

    def __init__(self, fine: nn.Module) -> None:
        super().__init__()
        self.fine = fine

    def forward(
        self, words: torch.Tensor, mask: torch.Tensor, regions: torch.Tensor
    ) -> torch.Tensor:
        return self.fine(words, mask, regions)


def export_graphs(model: Model, folder: Path, calibration: np.ndarray) -> None:
    """Write ``image.onnx`` and ``text.onnx`` with their int8 sisters, and ``fine.onnx``.

    ``calibration``: pixels uint8 [N, 224, 224, 3] that the int8 ranges are taken from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = model.eval().to(memory_format=torch.contiguous_format)
    export_image(ImageGraph(model), ["embedding", "tokens"], folder, calibration)
    export_text(TextGraph(model), ["embedding", "tokens", "word_mask"], folder)
    export_fine(model.fine, folder / "fine.onnx")


def export_fine(fine: nn.Module, path: Path) -> None:
    """The graph of a fine model."""
    words, regions = torch.randn(7, TOKEN_DIM), torch.randn(5, TOKENS, TOKEN_DIM)
    export_part(
        FineGraph(fine), (words, torch.ones(7), regions), path,
        {"text_tokens": {0: "L"}, "word_mask": {0: "L"}, "image_tokens": {0: "K"}},
        {"scores": {0: "K"}},
    )  # fmt: skip
    store_as_half(path)


def export_image(
    graph: nn.Module, outputs: list[str], folder: Path, calibration: np.ndarray
) -> None:
    """``image.onnx`` and ``image.int8.onnx`` over one file of weights."""
    full, plain, int8 = (folder / f"image{end}.onnx" for end in (".fp32", "", ".int8"))
    batch = {0: "B"}
    export_part(
        graph, (torch.randn(2, 3, 224, 224),), full, {"pixels": batch},
        dict.fromkeys(outputs, batch),
    )  # fmt: skip
    quantise_image(full, int8, plain, calibration)
    full.unlink()
    for path in (plain, int8):
        trim(path)
    share_weights([plain, int8], folder / "image.weights")


def export_text(graph: nn.Module, outputs: list[str], folder: Path) -> None:
    """``text.int8.onnx``, dynamic int8, and ``text.onnx`` over the same weights."""
    ids = torch.tensor([[101, 1037, 3899, 102], [101, 2417, 102, 0]])
    axes = {0: "B", 1: "L"}
    full = folder / "text.fp32.onnx"
    export_part(
        graph, (ids, (ids != 0).long()), full, {"input_ids": axes, "attention_mask": axes},
        {name: {0: "B"} if name == "embedding" else axes for name in outputs},
    )  # fmt: skip
    quantise_text(full, folder / "text.int8.onnx")
    full.unlink()
    split(folder)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """The tracer warns of every shape it reads."""
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        yield


def export_part(
    graph: nn.Module, example: tuple[torch.Tensor, ...], path: Path,
    inputs: dict[str, dict[int, str]], outputs: dict[str, dict[int, str]],
) -> None:  # fmt: skip
    """A module as a graph, with names and open sizes of what it takes and gives."""
    with atomic(path) as part:
        with quietly():
            torch.onnx.export(
                graph.eval(), example, str(part), dynamo=False, opset_version=OPSET,
                input_names=list(inputs), output_names=list(outputs),
                dynamic_axes={**inputs, **outputs},
            )  # fmt: skip
        onnx.checker.check_model(str(part))
