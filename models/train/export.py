"""From a checkpoint to the three graphs of a pack."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from train.coarse import Model, word_mask
from train.heads import TOKEN_DIM

log = logging.getLogger(__name__)

OPSET = 17


class ImageGraph(nn.Module):
    """pixels -> embedding, tokens."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        grid = self.model.image(pixels)
        return self.model.heads.encode_image(grid, self.model.image.classify(grid))


class TextGraph(nn.Module):
    """input_ids, attention_mask -> embedding, tokens, word_mask."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        embedding, tokens, _ = self.model.texts(ids, mask.float())
        return embedding, tokens, word_mask(ids)


class FineGraph(nn.Module):
    """text_tokens [L, D], word_mask [L], image_tokens [K, R, D] -> scores [K]."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.fine = model.heads.fine

    def forward(
        self, words: torch.Tensor, mask: torch.Tensor, regions: torch.Tensor
    ) -> torch.Tensor:
        return self.fine(words, mask, regions)


def export_graphs(model: Model, folder: Path) -> None:
    """Write ``image.onnx``, ``text.onnx`` and ``fine.onnx``, as they ship."""
    folder.mkdir(parents=True, exist_ok=True)
    model = model.eval().to(memory_format=torch.contiguous_format)
    _export(
        ImageGraph(model), (torch.randn(2, 3, 224, 224),), folder / "image.onnx",
        {"pixels": {0: "B"}}, {"embedding": {0: "B"}, "tokens": {0: "B"}},
    )  # fmt: skip
    store_as_half(folder / "image.onnx")
    ids = torch.tensor([[101, 1037, 3899, 102], [101, 2417, 102, 0]])
    axes = {0: "B", 1: "L"}
    full = folder / "text.fp32.onnx"
    _export(
        TextGraph(model), (ids, (ids != 0).long()), full,
        {"input_ids": axes, "attention_mask": axes},
        {"embedding": {0: "B"}, "tokens": axes, "word_mask": axes},
    )  # fmt: skip
    quantise_text(full, folder / "text.onnx")
    full.unlink()
    words, regions = torch.randn(7, TOKEN_DIM), torch.randn(5, 49, TOKEN_DIM)
    _export(
        FineGraph(model), (words, torch.ones(7), regions), folder / "fine.onnx",
        {"text_tokens": {0: "L"}, "word_mask": {0: "L"}, "image_tokens": {0: "K"}},
        {"scores": {0: "K"}},
    )  # fmt: skip


def _export(
    graph: nn.Module, example: tuple[torch.Tensor, ...], path: Path,
    inputs: dict[str, dict[int, str]], outputs: dict[str, dict[int, str]],
) -> None:  # fmt: skip
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer warns of every shape it reads
        torch.onnx.export(
            graph.eval(), example, str(path), dynamo=False, opset_version=OPSET,
            input_names=list(inputs), output_names=list(outputs),
            dynamic_axes={**inputs, **outputs},
        )  # fmt: skip
    onnx.checker.check_model(str(path))


def store_as_half(path: Path) -> None:
    """Keep large weights as float16 with a Cast behind each: half the bytes, float32 arithmetic.

    The runtime folds the casts away when it loads the file. float16 arithmetic itself is slow on
    many ARM boards, so it is used for storage only.
    """
    model = onnx.load(str(path))
    casts, kept = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 1024:
            kept.append(tensor)
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half")
        casts.append(helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT))
        kept.append(stored)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, str(path))


def quantise_text(full: Path, out: Path) -> None:
    """Dynamic int8 of the text tower, its vocabulary included."""
    logging.getLogger("root").setLevel(logging.ERROR)
    quantize_dynamic(
        str(full), str(out), weight_type=QuantType.QInt8, per_channel=True,
        extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
