"""Many texts through a finished pack's text graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from train.data.texts import tokenise
from train.measuring.evaluate import session

_BATCH = 32
_OUTPUTS = ["embedding", "tokens", "word_mask"]


def read_texts(pack: Path, texts: list[str]) -> Iterator[tuple[int, list[np.ndarray]]]:
    """Row, and embedding [D], tokens [L, 96] and word mask [L], of each text; those of a length go
    together. On one thread: products this small are slower on two where others compute too.
    """
    graph, ids = session(pack / "text.int8.onnx", 1), tokenise(texts)
    lengths = (ids != 0).sum(1)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            taken = ids[some, :length]
            given = {"input_ids": taken, "attention_mask": np.ones_like(taken)}
            found = graph.run(_OUTPUTS, given)
            yield from zip(some.tolist(), map(list, zip(*found, strict=True)), strict=True)
