"""A smaller pack of a finished one, for boards without dot products:
``python -m train.second.make_tiny --data DATA --pack models/mini --out models/tiny --work WORK``.

Its image graph is that of the towers alone: no second network, no detector. What those tell is
learnt, as far as it goes, from the means of the branch that nobody tuned, at no cost in the image
pass: a linear map to where texts are, as ``second.py`` learns one, and how sure it is of the
detector's classes, from ``DATA/objects.jsonl``. Texts have the vectors that they have in the pack
it is made of, so all files for words are shared with it. ``benchmarks.relevance.answers --fit``,
``benchmarks.ranking.question_fit --write`` and the first again come after it.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import tomllib
from pathlib import Path

import torch
from onnx.utils import Extractor
from torch import nn

from train.data.photos import Photo
from train.objects.add_objects import WEIGHT as OBJECTS
from train.objects.nanodet import CLASSES
from train.objects.parts import FEW, Side, sides
from train.packing.export import OPSET, quietly
from train.packing.graph_file import read_graph, write_graph
from train.packing.join import KEPT, LOGITS, blend, has_regions, join, without_added
from train.packing.quantise import store_as_bytes
from train.packing.shared_weights import share_weights
from train.packing.sums import sums
from train.packing.trim import trim
from train.running.atomic import copied, rewrite
from train.second.add_second import teaching, training_photos
from train.second.head import WIDTH, SecondPlan, train_head
from train.second.seen import see

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
WEIGHT = 0.5  # of the map beside the towers: chosen on half of the strangers' dev photos
GRAPHS = ("image.onnx", "image.int8.onnx")
_OWN = {"image.onnx", "image.int8.onnx", "image.weights", "background.npy", "CARD.md"}
_RIDGE = 1.0  # of the mean square of a dimension


class SeenByMeans(nn.Module):
    """Means [B, 1280] -> the objects' part of an embedding [B, 80]: how much surer than usual it is
    of each class, by a linear map, and as ``parts.Side`` makes a part of it, with what does not
    depend on the photo folded into the map.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, side: Side) -> None:
        super().__init__()
        self.register_buffer("weight", weight[:, side.kept] / side.longest)
        self.register_buffer("bias", bias[side.kept] / side.longest)
        self.register_buffer("none", torch.zeros(1))
        self.share = side.share

    def forward(self, means: torch.Tensor) -> torch.Tensor:
        part = torch.addmm(self.bias, means, self.weight)
        length = part.norm(dim=-1, keepdim=True)
        # what is longer than a unit is cut to one; slack fills up what is shorter
        slack = (1 - length * length).clamp_min(1e-7).sqrt()
        told = torch.cat([part / length.clamp_min(1.0), slack, self.none * slack], -1)
        return told * self.share**0.5


def objects_of(data: Path, photos: list[Photo]) -> torch.Tensor:
    """float32 [P, 80]: how sure a detector was of each class; of photos it has not seen, none."""
    lines = (
        (HERE.parent / "objects" / "object_words.tsv").read_text(encoding="utf-8").splitlines()[1:]
    )
    classes = {line.split("\t")[0].replace("_", " "): at for at, line in enumerate(lines)}
    rows = {(photo.path.parents[1].name, photo.path.name): at for at, photo in enumerate(photos)}
    found = torch.zeros(len(photos), CLASSES)
    for line in (data / "objects.jsonl").read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        row = rows.get((told["collection"], told["image"]))
        for name, sure, *_ in told["objects"] if row is not None else ():
            at = classes[name]
            found[row, at] = max(float(found[row, at]), sure)
    return found


def fit_objects(means: torch.Tensor, wanted: torch.Tensor) -> SeenByMeans:
    """By ridge regression on the logarithms of the detector's sureness."""
    centre, spread = means.mean(0), means.std(0) + 0.1 * means.std()
    x, y = (means - centre) / spread, (wanted + FEW).log()
    square = x.T @ x
    square += _RIDGE * square.diagonal().mean() * torch.eye(len(square))
    weight = torch.linalg.solve(square, x.T @ (y - y.mean(0))) / spread[:, None]
    return SeenByMeans(weight, -centre @ weight, sides(OBJECTS)[0]).eval()


def plain_graphs(pack: Path, out: Path, work: Path) -> Path:
    """The towers' graphs in ``out``; one that tells means and class logits, for learning."""
    copied(pack / "image.weights", out / "image.weights")
    for name in GRAPHS:
        copied(pack / name, out / name)
        without_added(out / name)
    (out / "image.weights").unlink()
    probe = work / "tiny_kept.onnx"
    graph = Extractor(read_graph(out / GRAPHS[1])).extract_model(["pixels"], [KEPT, LOGITS])
    write_graph(graph, probe)
    return probe


def put_objects(found: SeenByMeans, graph: Path, work: Path) -> None:
    """Behind the embedding of a graph."""
    more = work / "tiny_objects.onnx"
    with quietly():
        torch.onnx.export(
            found, (torch.randn(2, WIDTH),), str(more), dynamo=False, opset_version=OPSET,
            input_names=[KEPT], output_names=["part"],
            dynamic_axes={KEPT: {0: "B"}, "part": {0: "B"}},
        )  # fmt: skip
    join(graph, more, (1 - found.share) ** 0.5)


def write_manifest(pack: Path, out: Path, version: str) -> None:
    """That of the pack it is made of, with another name; files for words are shared."""
    text = (pack / "pack.toml").read_text(encoding="utf-8")
    shared = [file["path"] for file in tomllib.loads(text)["files"] if file["path"] not in _OWN]
    text = text.partition("\n[[files]]")[0].rstrip("\n") + "\n"
    text = re.sub(r"(?m)^name = .*$", f'name = "{out.name}"', text, count=1)
    text = re.sub(r"(?m)^version = .*$", f'version = "{version}"', text, count=1)
    text = re.sub(r"\[question\]\n(?:[^\[\n].*\n|\n)*", "", text)
    files = sums(out, [(pack / name, pack.name) for name in shared])
    rewrite(out / "pack.toml", text + files)


def make_tiny(data: Path, pack: Path, out: Path, work: Path, version: str) -> None:
    """``out`` lies beside ``pack``, from where it has its files for words."""
    if out.resolve().parent != pack.resolve().parent:
        raise SystemExit(f"{out} does not lie beside {pack}, whose files it shares.")
    if has_regions(pack / GRAPHS[1]):
        raise SystemExit(f"{pack} has other tokens by now: the smaller pack is made before those.")
    out.mkdir(parents=True, exist_ok=True)
    photos = training_photos(data)
    seen = see(plain_graphs(pack, out, work), photos, work / "tiny_seen.npy", (KEPT, LOGITS))
    head = train_head(teaching(pack, data, photos, seen), SecondPlan())
    objects = fit_objects(torch.from_numpy(seen[0]).float(), objects_of(data, photos))
    for name in GRAPHS:
        blend(out / name, KEPT, head.folded(), WEIGHT)
        put_objects(objects, out / name, work)
        trim(out / name)
        store_as_bytes(out / name)
    share_weights([out / name for name in GRAPHS], out / "image.weights")
    copied(pack / "background.npy", out / "background.npy")
    if not (out / "CARD.md").exists():
        copied(HERE / "tiny_card.md", out / "CARD.md")
    write_manifest(pack, out, version)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "pack", "out", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--version", default="1", help="new vectors, new version")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    make_tiny(chosen.data, chosen.pack, chosen.out, chosen.work, chosen.version)


if __name__ == "__main__":
    main()
