"""The student as ``languages.onnx``: one text, its table in four bits."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from train.languages.student import PART, Student
from train.packing.export import OPSET, quietly
from train.packing.quantise import store_as_half
from train.packing.shared_weights import share_weights
from train.running.atomic import atomic

# Two numbers a byte. Four bits leave 98.7 % of the variance of rows; the first 192 directions of
# 256 would leave 94 % in eight, and half as much again on disk.
LEVELS, ZERO, _MOST = 16, 8, 7


def in_levels(table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows [N, D] as whole numbers 1 to 15, where 8 is 0, and a scale a row [N, 1]."""
    scale = table.abs().amax(1, keepdim=True).clamp_min(1e-6) / _MOST
    return (table / scale).round().to(torch.int16) + ZERO, scale


class LanguageGraph(nn.Module):
    """parts [L, F], pairs [L] -> embedding, languages, tokens, word_mask; see ``docs/packs.md``."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student
        levels, scale = in_levels(student.table.weight.detach())
        left, right = levels.chunk(2, 1)
        self.register_buffer("table", (left * LEVELS + right).to(torch.uint8))
        self.register_buffer("scale", scale)

    def forward(self, parts: torch.Tensor, pairs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        words, pairs = self._rows(parts).sum(1)[None], self._rows(pairs)[None]
        mask = (parts[:, 0] != PART.buckets).float()[None]
        read = self.student.read(words, pairs, mask)
        languages = self.student.tell(read).softmax(-1)
        return self.student.embed(read), languages, self.student.fine(read), mask

    def _rows(self, numbers: torch.Tensor) -> torch.Tensor:
        both = self.table[numbers].float()
        left = (both / LEVELS).floor()
        levels = torch.cat([left, both - left * LEVELS], -1)
        return (levels - ZERO) * self.scale[numbers]


def share_tower(path: Path) -> None:
    """Move the large constants of a tower that is done beside it, into ``NAME.weights``: a file
    that is mapped costs a process 8 MB less than constants inside of the graph.
    """
    share_weights([path], path.with_suffix(".weights"))


def export_student(student: Student, path: Path) -> None:
    """Write the graph; large weights besides the table are halves."""
    parts, pairs = torch.tensor([[1, 2, 3], [4, 5, PART.buckets]]), torch.tensor([PART.buckets, 7])
    words = {1: "L"}
    with atomic(path) as part, quietly():
        torch.onnx.export(
            LanguageGraph(student).eval(), (parts, pairs), str(part), dynamo=False,
            opset_version=OPSET, input_names=["parts", "pairs"],
            output_names=["embedding", "languages", "tokens", "word_mask"],
            dynamic_axes={
                "parts": {0: "L", 1: "F"}, "pairs": {0: "L"}, "tokens": words, "word_mask": words,
            },
        )  # fmt: skip
    store_as_half(path)
