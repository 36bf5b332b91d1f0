"""From photos and captions to a finished pack: ``models/train/run.sh --data DATA``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
from pathlib import Path

import numpy as np
import torch

from train.augment import prepared
from train.classes import class_space, read_names
from train.coarse import Corpus, Model, Plan, Trainer
from train.data import Photo, load_photos, load_pixels
from train.fine_stage import FinePlan, FineTrainer
from train.finish import finish
from train.texts import collect
from train.towers import ImageTower

log = logging.getLogger("train")

HERE = Path(__file__).parent


def teacher_logits(pixels: np.ndarray, cache: Path) -> np.ndarray:
    """The untouched classifier's logits, of each photo as it is and mirrored: [N, 2, 1000]."""
    if cache.exists() and len(found := np.load(cache)) == len(pixels):
        return found
    tower = ImageTower(0).eval().to(memory_format=torch.channels_last)
    logits = np.empty((len(pixels), 2, 1000), np.float16)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(pixels), 64):
            x = prepared(torch.from_numpy(np.array(pixels[start : start + 64])))
            for side, view in enumerate((x, x.flip(3))):
                logits[start : start + 64, side] = tower.classify(tower(view)).float().numpy()
    np.save(cache, logits)
    return logits


def load_corpus(data: Path, work: Path, seed: int) -> Corpus:
    """Everything a training needs, cached in ``work``."""
    photos: list[Photo] = load_photos(data / "flickr8k", human=True)
    photos += load_photos(data / "everyday", human=False)
    pixels = load_pixels(photos, work / "pixels.npy")
    names = read_names(data / "imagenet" / "classes.tsv")
    texts, rows, class_rows = collect(photos, names, work / "sentences.npy", seed)
    log.info("%d photos, %d texts", len(photos), len(texts.strings))
    logits = teacher_logits(pixels, work / "logits.npy")
    return Corpus(photos, pixels, texts, rows, class_rows, logits)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the photo sets")
    parser.add_argument("--out", type=Path, default=HERE.parent / "mini", help="the pack")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="caches and checkpoints")
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    parser.add_argument("--fine-epochs", type=int, default=FinePlan().epochs)
    parser.add_argument("--version", default="1", help="of the pack; new vectors, new version")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    """Train, resuming where an earlier run stopped; then measure, and write the pack."""
    chosen = options()
    chosen.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(chosen.threads)
    plan = Plan(epochs=chosen.epochs)
    torch.manual_seed(plan.seed)
    corpus = load_corpus(chosen.data, chosen.work, plan.seed)
    basis, centre, classes = class_space(corpus.texts.teacher[corpus.class_rows])
    trainer = Trainer(plan, corpus, Model(plan, basis, centre, classes), chosen.work)
    log.info("plan %s", json.dumps(dataclasses.asdict(plan)))
    trainer.run()
    model = trainer.average
    model.requires_grad_(True)
    FineTrainer(FinePlan(epochs=chosen.fine_epochs), model, corpus, chosen.work).run()
    finish(model, plan, corpus, chosen.version, chosen.work, chosen.out)


if __name__ == "__main__":
    main()
