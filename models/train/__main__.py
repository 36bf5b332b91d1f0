"""From photos and captions to a finished pack: ``models/train/run.sh --data DATA``."""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import logging
import subprocess
import sys
from pathlib import Path

import torch

from train.data.classes import class_space, read_names
from train.data.photos import Photo, load_photos, load_pixels
from train.data.texts import collect
from train.fine.network import DeepFine
from train.fine.stage import FinePlan, FineTrainer
from train.languages.add_languages import add_languages
from train.languages.student_stage import StudentPlan
from train.objects.add_objects import add_objects
from train.packing.finish import Release, finish
from train.packing.names_only import make_names_pack
from train.pools.balance_stage import fit_balance
from train.pools.cached import read_all, see
from train.pools.cached_dev import Dev
from train.pools.heads_stage import HeadsPlan, HeadsTrainer
from train.pools.whole_stage import WholePlan, WholeTrainer
from train.second.add_second import add_second
from train.second.make_tiny import make_tiny
from train.towers.coarse import ALIKE, Plan, Trainer
from train.towers.model import Corpus, Model, between
from train.towers.warm import load_pack

log = logging.getLogger("train")

HERE = Path(__file__).parent
VIEWS = 3  # of a training photo that are kept


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
    parser.add_argument("--heads-epochs", type=int, default=HeadsPlan().epochs)
    parser.add_argument("--whole-steps", type=int, default=WholePlan().steps)
    parser.add_argument("--fine-epochs", type=int, default=FinePlan().epochs)
    parser.add_argument(
        "--go-on", type=Path, help="a pack whose towers are taken instead of training them"
    )
    parser.add_argument("--dictionaries", type=Path, help="for German, French and Czech")
    parser.add_argument("--second", action="store_true", help="a second network for photos")
    parser.add_argument("--tiny", type=Path, help="the smaller pack as well, beside --out")
    parser.add_argument("--detector", type=Path, help="for objects: nanodet.json and nanodet.bin")
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
    alike = dataclasses.replace(ALIKE, epochs=chosen.alike_epochs)
    if chosen.go_on:
        load_pack(model, chosen.go_on)
        plan, alike = (dataclasses.replace(each, epochs=0) for each in (plan, alike))
    else:
        train_towers(model, corpus, plan, alike, chosen.work)
    model.requires_grad_(True).eval()
    heads, fine = HeadsPlan(epochs=chosen.heads_epochs), FinePlan(epochs=chosen.fine_epochs)
    whole = WholePlan(steps=chosen.whole_steps)
    train_heads(model, corpus, (heads, whole, fine), chosen.work)
    command = f"models/train/run.sh --data DATA{changed(chosen)}"
    release = Release(chosen.out, chosen.version, chosen.remark, command)
    finish(model, (plan, alike, heads, whole, fine), corpus, chosen.work, release)
    if chosen.second:
        add_second(chosen.data, chosen.out, chosen.work, chosen.version)
    if chosen.dictionaries:
        add_languages(chosen.data, chosen.dictionaries, chosen.out, chosen.work, StudentPlan())
    if chosen.detector:
        add_objects(chosen.data, chosen.detector, chosen.out, chosen.work, chosen.dictionaries)
    fit_relevance(chosen.data, chosen.out)
    if chosen.tiny:
        make_tiny(chosen.data, chosen.out, chosen.tiny, chosen.work, chosen.version)
        fit_relevance(chosen.data, chosen.tiny)


def fit_relevance(data: Path, pack: Path) -> None:
    """Fit where answers end, what decides in a question over the background that this gives, and
    the ends again; with the code that serves: crispd is installed beside the recipe.
    """
    ends, question = ("relevance", "--fit"), ("question_fit", "--write")
    for module, option in (ends, question, ends):
        command = ["-m", f"benchmarks.{module}", option, "--data", data.resolve()]
        command += ["--pack", pack.resolve()]
        subprocess.run([sys.executable, *command], cwd=HERE.parents[1], check=True)


def changed(chosen: argparse.Namespace) -> str:
    """The options that were not left at their defaults, as they are typed."""
    found = ""
    for name, usual in (("epochs", Plan().epochs), ("alike_epochs", ALIKE.epochs),
                        ("heads_epochs", HeadsPlan().epochs), ("whole_steps", WholePlan().steps),
                        ("fine_epochs", FinePlan().epochs)):  # fmt: skip
        value = getattr(chosen, name)
        if value != usual:
            found += f" --{name.replace('_', '-')} {value}"
    return found + (f" --go-on models/{chosen.go_on.name}" if chosen.go_on else "")


def train_towers(model: Model, corpus: Corpus, plan: Plan, alike: Plan, work: Path) -> None:
    """Both rounds end to end; the weights end half-way between them."""
    trainer = Trainer(plan, corpus, model, work)
    log.info("plan %s", json.dumps(dataclasses.asdict(plan)))
    trainer.run()
    first = trainer.average.state_dict()
    model.load_state_dict(first)
    trainer = Trainer(alike, corpus, model, work)
    log.info("then %s", json.dumps(dataclasses.asdict(alike)))
    trainer.run()
    model.load_state_dict(between(first, trainer.average.state_dict()))


def train_heads(
    model: Model, corpus: Corpus, plans: tuple[HeadsPlan, WholePlan, FinePlan], work: Path
) -> None:
    """What follows the towers, over features that are computed once."""
    heads, whole, fine = plans
    human = {split: corpus.of(split, human=True) for split in ("train", "dev")}
    labelled = {split: corpus.of(split, human=False) for split in ("train", "dev")}
    seen = see(model, corpus, human["dev"] + labelled["dev"], 1, work / "dev", fine.seed)
    train = see(model, corpus, human["train"] + labelled["train"], VIEWS, work / "train", fine.seed)
    texts = read_all(model, corpus, train.photos, work / "texts.npy")
    dev = Dev(model, corpus, seen)
    if heads.epochs and not taken_up(model, work / "heads.done.pt"):
        HeadsTrainer(heads, model, corpus, train, texts, dev, work).run()
        torch.save(model.state_dict(), work / "heads.done.pt")
    if whole.steps and not taken_up(model, work / "whole.done.pt"):
        WholeTrainer(whole, model, corpus, train, texts, dev, work).run()
        torch.save(model.state_dict(), work / "whole.done.pt")
    if (work / "fine.done.pt").exists():
        model.deep = DeepFine(copy.deepcopy(model.heads.fine))
        taken_up(model, work / "fine.done.pt")
        return
    fit_balance(model, corpus, fine.seed)
    if fine.epochs:
        FineTrainer(fine, model, corpus, train, texts, dev, work).run()
        torch.save(model.state_dict(), work / "fine.done.pt")


def taken_up(model: Model, done: Path) -> bool:
    """Whether a stage ended in an earlier run; then its weights are in the model."""
    if not done.exists():
        return False
    model.load_state_dict(torch.load(done, weights_only=True))
    log.info("taken up from %s", done.name)
    return True


if __name__ == "__main__":
    main()
