"""A pack without any caption or photo of others: class names only (ConSE, Norouzi et al. 2014).

A photo is the classifier's belief in a thousand classes, times the sentence vectors of their names;
a text is its own sentence vector. Nothing is trained, so nothing but two Apache-2.0 networks and a
table of names goes in. There is no fine stage.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import normalize

from train.data.classes import read_names
from train.data.photos import squeezed
from train.data.texts import teach, tokenise
from train.packing.export import export_image, export_text
from train.packing.pack import swap_in, write_manifest, write_tokenizer
from train.pools.balance import EMBEDDING_DIM
from train.towers.networks import ImageTower, TextTower, mean_pooled

log = logging.getLogger(__name__)

ALBUM = Path(__file__).parents[3] / "crispd" / "sample_album"
LICENCE = "Apache-2.0"
# Cosines of names and photos mean much the same for any text: one half at 0.5, steep around it.
_CALIBRATION = {"scale": 20.0, "offset": -10.0, "coarse_scale": 20.0, "coarse_offset": -10.0}
_CARD = """# names: a pack made without captions

EfficientNet-Lite0 (ImageNet weights, Apache-2.0) says which of a thousand things a photo shows; the
vectors that all-MiniLM-L6-v2 (Apache-2.0) gives their names, weighted by that belief, are the
photo's embedding. No caption and no photo went in but the public-domain sample album, from which
the int8 ranges are taken. Made by `models/train/run.sh --names-only --data DATA`, of which only
`imagenet/classes.tsv` is read.

It knows things by their names and by words like them. It knows nothing of actions, people, places
and counts, and has no fine stage.
"""


class NamedImage(nn.Module):
    """pixels -> embedding [B, 384]."""

    def __init__(self, names: torch.Tensor) -> None:
        super().__init__()
        self.tower = ImageTower(16)
        self.register_buffer("names", names)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        _, logits = self.tower(pixels)
        return normalize(logits.softmax(-1) @ self.names, dim=-1)


class NamedText(nn.Module):
    """input_ids, attention_mask -> embedding [B, 384]."""

    def __init__(self, centre: torch.Tensor) -> None:
        super().__init__()
        self.tower = TextTower()
        self.register_buffer("centre", centre)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        mask = mask.float()
        return normalize(mean_pooled(self.tower(ids, mask), mask) - self.centre, dim=-1)


def make_names_pack(data: Path, work: Path, out: Path, version: str) -> None:
    """Write the pack into ``out``."""
    made = work / "names"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    vectors = torch.from_numpy(
        teach(TextTower().eval(), tokenise(read_names(data / "imagenet" / "classes.tsv")))
    )
    assert vectors.shape[1] == EMBEDDING_DIM
    centre = vectors.mean(0)
    names = normalize(vectors - centre, dim=-1)
    export_image(NamedImage(names).eval(), ["embedding"], made, _album())
    export_text(NamedText(centre).eval(), ["embedding"], made)
    write_tokenizer(made)
    (made / "CARD.md").write_text(_CARD, encoding="utf-8")
    write_manifest(made, name="names", version=version, licence=LICENCE, constants=_CALIBRATION)
    swap_in(made, out)
    log.info("written: %s", out)


def _album() -> np.ndarray:
    """The sample album and its mirror images: uint8 [N, 224, 224, 3]."""
    squares = []
    for path in sorted(ALBUM.glob("*.jpg")):
        square = squeezed(path)
        squares += [square, square[:, ::-1]]
    return np.stack(squares)
