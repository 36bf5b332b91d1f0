"""What the towers make of every photo and text, kept, for stages that train only what follows.

A few crops of each photo stand for the endless ones of end-to-end training: a step then costs a
twentieth, and labels of which there are a dozen photos can be seen often enough.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from train.data.augment import augmented, prepared
from train.data.photos import MAX_TOKENS
from train.fine.network import REGIONS
from train.running.atomic import atomic
from train.towers.heads import GRID_DIM
from train.towers.model import Corpus, Model, word_mask

log = logging.getLogger(__name__)

_BATCH = 8  # photos whose maps stay in the processor's cache
_KEPT = 50  # batches, after which a run that was killed goes on


@dataclass(slots=True)
class Seen:
    """Views of some photos: as they are, then crops.

    ``photos``: indices in the corpus; ``grids`` float16 [V, P, 49, 2560], ``logits`` float16
    [V, P, 1000].
    """

    photos: list[int]
    grids: np.ndarray
    logits: np.ndarray

    def batch(self, views: np.ndarray, places: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """float32 grids [..., 49, 2560] and logits [..., 1000] of views of photos."""
        grids = torch.from_numpy(self.grids[views, places]).float()
        return grids, torch.from_numpy(self.logits[views, places]).float()


@torch.inference_mode()
def see(model: Model, corpus: Corpus, photos: list[int], views: int, path: Path, seed: int) -> Seen:
    """Encode photos once; kept in files at ``path`` and taken up again from there."""
    told = path.with_suffix(".json")
    what = {"photos": len(photos), "views": views, "seed": seed}
    shapes = (views, len(photos), REGIONS, GRID_DIM), (views, len(photos), 1000)
    names = [path.with_suffix(f".{part}.npy") for part in ("grids", "logits")]
    found = json.loads(told.read_text()) if told.exists() else {}
    first = found["done"] if found.items() >= what.items() else 0
    if not first:
        told.unlink(missing_ok=True)
    grids, logits = (
        np.lib.format.open_memmap(name, "r+" if first else "w+", np.float16, shape)
        for name, shape in zip(names, shapes, strict=True)
    )
    model.eval()
    for start in range(first, len(photos), _BATCH):
        chosen = photos[start : start + _BATCH]
        # of its own for each batch, so that a run that goes on draws the same crops
        generator = torch.Generator().manual_seed(seed * 1_000_003 + start)
        place = slice(start, start + len(chosen))
        pixels = torch.from_numpy(corpus.pixels[np.asarray(chosen)])
        may_flip = torch.tensor([corpus.photos[photo].may_flip for photo in chosen])
        for view in range(views):
            x = augmented(pixels, may_flip, generator) if view else prepared(pixels)
            grid, found = model.image(x)
            grids[view, place], logits[view, place] = grid.half().numpy(), found.half().numpy()
        done = start + len(chosen)
        if done % (_BATCH * _KEPT) == 0 or done == len(photos):
            log.info("%s: %d of %d photos", path.name, done, len(photos))
            with atomic(told) as part:
                part.write_text(json.dumps({**what, "done": done}))
    return Seen(photos, grids, logits)


@dataclass(slots=True)
class Read:
    """Texts as the tower reads them: hidden float16 [T, 40, 384], ids int64 [T, 40]."""

    rows: list[int]
    hidden: torch.Tensor
    ids: torch.Tensor

    def batch(self, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """hidden float32 [B, L, 384], mask [B, L] and word mask [B, L], cut to the longest."""
        ids = self.ids[places]
        length = int((ids != 0).sum(1).max())
        ids = ids[:, :length]
        return self.hidden[places, :length].float(), (ids != 0).float(), word_mask(ids)


@torch.inference_mode()
def read(model: Model, corpus: Corpus, rows: list[int], path: Path | None = None) -> Read:
    """Read texts once; those of a length go together. Kept at ``path`` where one is given."""
    model.eval()
    ids = corpus.texts.ids[rows]
    lengths = (ids != 0).sum(1)
    if path is not None and path.exists():
        hidden = torch.from_numpy(np.load(path))
        if len(hidden) == len(rows):
            return Read(rows, hidden, torch.from_numpy(ids))
    hidden = torch.zeros(len(rows), MAX_TOKENS, 384, dtype=torch.float16)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), 256):
        some = order[start : start + 256]
        cut = torch.from_numpy(ids[some, : lengths[some].max()])
        hidden[torch.from_numpy(some), : cut.shape[1]] = model.text(cut, (cut != 0).float()).half()
    if path is not None:
        with atomic(path) as part:
            np.save(part, hidden.numpy())
    return Read(rows, hidden, torch.from_numpy(ids))


def read_all(model: Model, corpus: Corpus, photos: list[int], path: Path) -> Read:
    """Every text of some photos, and every class name."""
    rows = corpus.rows
    needed = {row for p in photos for row in (*rows.captions[p], *rows.typed[p])}
    return read(model, corpus, sorted(needed.union(*rows.names)), path)
