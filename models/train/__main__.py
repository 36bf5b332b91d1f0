"""From photos and captions to a finished pack: ``models/train/run.sh --data DATA``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
from pathlib import Path

import torch

from train.balance_stage import fit_balance
from train.classes import class_space, read_names
from train.coarse import ALIKE, Plan, Trainer
from train.data import Photo, load_photos, load_pixels
from train.fine_stage import FinePlan, FineTrainer
from train.finish import Release, finish
from train.model import Corpus, Model, between
from train.names_only import make_names_pack
from train.texts import collect

log = logging.getLogger("train")

HERE = Path(__file__).parent


def load_corpus(data: Path, work: Path, seed: int) -> Corpus:
    """Everything a training needs, cached in ``work``."""
    photos: list[Photo] = load_photos(data / "flickr8k", human=True)
    photos += load_photos(data / "everyday", human=False)
    pixels = load_pixels(photos, work / "pixels.npy")
    names = read_names(data / "imagenet" / "classes.tsv")
    texts, rows = collect(photos, names, work / "sentences.npy", seed)
    log.info("%d photos, %d texts", len(photos), len(texts.strings))
    return Corpus(photos, pixels, texts, rows)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the photo sets")
    parser.add_argument("--out", type=Path, default=HERE.parent / "mini", help="the pack")
    parser.add_argument(
        "--work", type=Path, default=HERE / "scratch", help="caches and checkpoints"
    )
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    parser.add_argument("--alike-epochs", type=int, default=ALIKE.epochs)
    parser.add_argument("--fine-epochs", type=int, default=FinePlan().epochs)
    parser.add_argument("--version", default="1", help="of the pack; new vectors, new version")
    parser.add_argument("--names-only", action="store_true", help="make the pack without captions")
    parser.add_argument("--remark", default="", help="a sentence for the card about this run")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    """Train, resuming where an earlier run stopped; then measure, and write the pack."""
    chosen = options()
    chosen.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(chosen.threads)
    if chosen.names_only:
        make_names_pack(chosen.data, chosen.work, chosen.out, chosen.version)
        return
    plan = Plan(epochs=chosen.epochs)
    torch.manual_seed(plan.seed)
    corpus = load_corpus(chosen.data, chosen.work, plan.seed)
    plain = [variants[0] for variants in corpus.rows.names]
    model = Model(plan.shared_blocks, *class_space(corpus.texts.teacher[plain]))
    trainer = Trainer(plan, corpus, model, chosen.work)
    log.info("plan %s", json.dumps(dataclasses.asdict(plan)))
    trainer.run()
    first = trainer.average.state_dict()
    model.load_state_dict(first)
    alike = dataclasses.replace(ALIKE, epochs=chosen.alike_epochs)
    trainer = Trainer(alike, corpus, model, chosen.work)
    log.info("then %s", json.dumps(dataclasses.asdict(alike)))
    trainer.run()
    model.load_state_dict(between(first, trainer.average.state_dict()))
    model.requires_grad_(True).eval()
    fit_balance(model, corpus, plan.seed)
    fine = FinePlan(epochs=chosen.fine_epochs)
    if fine.epochs:
        FineTrainer(fine, model, corpus, chosen.work).run()
    release = Release(chosen.out, chosen.version, chosen.remark)
    finish(model, (plan, alike, fine), corpus, chosen.work, release)


if __name__ == "__main__":
    main()
