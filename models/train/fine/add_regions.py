"""Tokens that know both untouched networks and the detector, for a finished pack:
``python -m train.fine.add_regions --data DATA --pack PACK --work WORK --version N``.

The pack has a second network and objects. Heads for its region tokens, and a fine model over them,
learn from the texts of all training photos which photo is meant, among those that a coarse order
with the mistakes it makes with photos of strangers takes for it. Words stay what they are, in every
language, and so do vectors. The tokens before stay in the sum: they know more of photos like those
that the towers learnt. Where answers end has to be fitted again (``benchmarks.relevance.answers``).

A pack beside it that reads its fine model gets that as a file of its own: its tokens stay.
"""

from __future__ import annotations

import argparse
import logging
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch

from crispd.packs.constants.relevance_model import read_question
from crispd.packs.manifest import read_manifest
from crispd.packs.text.query_weights import content_words
from train.data.classes import read_names
from train.data.photos import MAX_TOKENS, Photo, load_photos
from train.fine.looked import CLASSES, FEW, REGIONS, WIDTH, Looked, look, maps_of
from train.fine.network import TOKEN_DIM, TOKENS, Fine
from train.fine.regions import (
    Directions,
    FineOverRegions,
    RegionGraph,
    RegionTokens,
    Untouched,
    along,
    directions,
)
from train.fine.regions_stage import RegionsPlan, RegionsTrainer, Taught, asked_of
from train.fine.weak_order import weak_vectors
from train.languages.reading import read_texts
from train.packing.export import export_fine, export_part
from train.packing.join import KEPT, SECOND_MEANS, SEEN, has_regions, put_tokens
from train.packing.quantise import store_as_bytes, store_as_half
from train.packing.shared_weights import share_weights
from train.packing.sums import readers, write_sums
from train.packing.trim import trim
from train.running.atomic import copied, rewrite
from train.second.add_second import training_photos
from train.towers.heads import CAPTION_DIM, CLASS_DIM
from train.towers.warm import fine_of

log = logging.getLogger(__name__)

# Of fine scores in a question, as ``[question]`` has it: chosen on the same half.
TRUST = (1.1, 3.0, 0.35)
OLDER = 0.25  # of the tokens before in the sum: chosen on half of the strangers' dev photos
CLASSES_PART = slice(CAPTION_DIM, CAPTION_DIM + CLASS_DIM)
_SAMPLE = 1500  # photos that the directions and standards are taken from
_INPUTS = ("first", "second", "sure", "first_mean", "second_mean", "before")


def unlearnt_photos(data: Path) -> list[Photo]:
    """Every other dev photo of the sets that towers learn from: no tower has learnt them, and of
    their texts nothing is read here.
    """
    sets = (load_photos(data / name, human=True) for name in ("flickr8k", "everyday"))
    return [photo for photos in sets for photo in photos if photo.split == "dev"][::2]


def teaching(
    pack: Path, data: Path, photos: list[Photo], looked: Looked, untouched: Untouched
) -> Taught:
    """What the pack makes of texts and photos."""
    names = read_names(data / "imagenet" / "classes.tsv")
    rows = asked_of(photos, names)
    vectors = np.zeros((len(rows), looked.vectors.shape[1]), np.float32)
    words = np.zeros((len(rows), MAX_TOKENS, TOKEN_DIM), np.float16)
    masks = np.zeros((len(rows), MAX_TOKENS), np.float16)
    for row, (vector, tokens, mask) in read_texts(pack, list(rows)):
        vectors[row], words[row, : len(tokens)], masks[row, : len(mask)] = vector, tokens, mask
    asked = torch.from_numpy(vectors)
    asked[:, CLASSES_PART] *= shares(pack, rows, vectors)[:, None]
    told = [[rows[text] for text in photo.captions] for photo in photos]
    weak = weak_vectors(untouched.means, looked.vectors, asked, told)
    classes = torch.from_numpy(np.array(looked.logits)).float().softmax(-1)
    tensors = (torch.from_numpy(words), torch.from_numpy(masks))
    return Taught(photos, untouched, weak, classes, names, rows, asked, *tensors)


def shares(pack: Path, texts: Iterable[str], vectors: np.ndarray) -> torch.Tensor:
    """How many times heavier the class part of each text is as a question, where that is fitted."""
    weights = read_question(pack, read_manifest(pack))
    if weights is None:
        return torch.ones(len(vectors))
    asked = zip(texts, vectors, strict=True)
    return torch.tensor([weights(vector, content_words(text)).share for text, vector in asked])


def learn(
    data: Path, pack: Path, work: Path, plan: RegionsPlan
) -> tuple[RegionTokens, FineOverRegions, float, Directions]:
    """Tokens, the fine model, the weight of the coarse score, and the directions of regions."""
    photos, unlearnt = training_photos(data), unlearnt_photos(data)
    looked = look(pack, photos, work / "looked")
    sample = np.sort(np.random.default_rng(plan.seed).permutation(len(photos))[:_SAMPLE])
    found = directions(np.array(looked.maps[sample]))
    untouched = along(found, looked)
    torch.manual_seed(plan.seed)
    tokens = RegionTokens(*untouched.batch(sample[::2]), plan.dropout, plan.hidden)
    before = look(pack, unlearnt, work / "looked_unlearnt")
    tokens.begin(along(found, before), before.tokens)
    fine = Fine()
    fine.load_state_dict(fine_of(pack))
    taught = teaching(pack, data, photos, looked, untouched)
    return *RegionsTrainer(plan, taught, tokens, fine).run(), found


def put_in_graphs(pack: Path, tokens: RegionTokens, found: Directions, work: Path) -> None:
    """Both graphs of photos."""
    more, graphs = work / "regions.onnx", [pack / "image.onnx", pack / "image.int8.onnx"]
    example = (
        torch.rand(2, WIDTH, REGIONS), torch.rand(2, WIDTH, REGIONS),
        torch.rand(2, 3, REGIONS, CLASSES), torch.rand(2, WIDTH), torch.rand(2, WIDTH),
        torch.randn(2, TOKENS, TOKEN_DIM),
    )  # fmt: skip
    batch = {0: "B"}
    part = RegionGraph(tokens, found, OLDER, FEW)
    export_part(part, example, more, dict.fromkeys(_INPUTS, batch), {"tokens": batch})
    store_as_half(more)
    for path in graphs:
        maps = maps_of(onnx.load(str(path), load_external_data=False))
        taken = (*maps, SEEN, KEPT, SECOND_MEANS)
        put_tokens(path, more, dict(zip(_INPUTS, taken, strict=False)))
        trim(path)
        store_as_bytes(path)
    share_weights(graphs, pack / "image.weights")


def add_regions(
    data: Path, pack: Path, work: Path, version: str, plan: RegionsPlan | None = None
) -> None:
    """Into a finished pack that has none."""
    if has_regions(pack / "image.int8.onnx"):
        raise SystemExit(f"{pack} has them already.")
    tokens, fine, weight, found = learn(data, pack, work, plan or RegionsPlan())
    for other in readers(pack, "fine.onnx"):
        copied(pack / "fine.onnx", other / "fine.onnx")
    put_in_graphs(pack, tokens, found, work)
    manifest = pack / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    # as loud as the fine scores before, beside which coarse ones are weighed and calibrated
    fine.times(tomllib.loads(text)["fine"]["coarse_weight"] / weight)
    export_fine(fine, pack / "fine.onnx")
    text = re.sub(r"(?m)^version = .*$", f'version = "{version}"', text, count=1)
    text = re.sub(r"(?m)^trust = .*$", f"trust = {list(TRUST)}", text, count=1)
    rewrite(manifest, text)
    write_sums(pack)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "pack", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--version", required=True, help="photos' tokens change")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    add_regions(chosen.data, chosen.pack, chosen.work, chosen.version)


if __name__ == "__main__":
    main()
