"""From photos and captions to a trained cascade: ``python -m train --data DATA --work WORK``."""

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
from train.coarse import Corpus, Model, Plan, Trainer, evaluate
from train.data import Photo, load_photos, load_pixels
from train.texts import collect
from train.towers import ImageTower

log = logging.getLogger("train")


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


def load_corpus(data: Path, work: Path, seed: int) -> tuple[Corpus, list[str]]:
    """Everything a training needs, cached in ``work``."""
    photos: list[Photo] = load_photos(data / "flickr8k", human=True)
    photos += load_photos(data / "everyday", human=False)
    pixels = load_pixels(photos, work / "pixels.npy")
    log.info("%d photos", len(photos))
    names = read_names(data / "imagenet" / "classes.tsv")
    texts, rows, class_rows = collect(photos, names, work / "sentences.npy", seed)
    log.info("%d texts", len(texts.strings))
    logits = teacher_logits(pixels, work / "logits.npy")
    return Corpus(photos, pixels, texts, rows, class_rows, logits), names


def main() -> None:
    """Train, resuming where an earlier run stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(2)
    plan = Plan(epochs=options.epochs)
    torch.manual_seed(plan.seed)
    corpus, _ = load_corpus(options.data, options.work, plan.seed)
    basis, centre, classes = class_space(corpus.texts.teacher[corpus.class_rows])
    model = Model(plan, basis, centre, classes)
    log.info("plan %s", json.dumps(dataclasses.asdict(plan)))
    Trainer(plan, corpus, model, options.work).run()
    evaluate(model, corpus, "test")


if __name__ == "__main__":
    main()
