"""From photos and captions to finished packs: ``models/train/run.sh --data DATA``."""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import logging
from pathlib import Path

import torch

from train.data.classes import class_space, read_names
from train.data.photos import Photo, load_photos, load_pixels
from train.data.subset import subset
from train.data.texts import collect
from train.fine.add_regions import add_regions
from train.fine.network import DeepFine
from train.fine.regions_stage import RegionsPlan
from train.fine.stage import FinePlan, FineTrainer
from train.languages.add_languages import add_languages
from train.languages.student_stage import StudentPlan
from train.languages.tokens_stage import TokensPlan, teach_tokens
from train.objects.add_objects import add_objects
from train.packing.finish import Release, finish
from train.packing.names_only import make_names_pack
from train.packing.pack import swap_in
from train.pools.balance_stage import fit_balance
from train.pools.cached import read_all, see
from train.pools.cached_dev import Dev
from train.pools.heads_stage import HeadsPlan, HeadsTrainer
from train.pools.whole_stage import WholePlan, WholeTrainer
from train.running.atomic import atomic
from train.running.fits import ENDS, fit_relevance
from train.running.options import changed, decisive, read_options
from train.running.pack_chain import PackChain
from train.running.same_run import check_same_run
from train.second.add_second import add_second
from train.second.make_tiny import make_tiny
from train.towers.coarse import ALIKE, Plan, Trainer
from train.towers.model import Corpus, Model, between
from train.towers.warm import load_pack

log = logging.getLogger("train")

VIEWS = 3  # of a training photo that are kept
Plans = tuple[Plan, Plan, HeadsPlan, WholePlan, FinePlan]


def load_corpus(data: Path, work: Path, seed: int) -> Corpus:
    """Everything a training needs, cached in ``work``."""
    photos: list[Photo] = load_photos(data / "flickr8k", human=True)
    photos += load_photos(data / "everyday", human=False)
    pixels = load_pixels(photos, work / "pixels.npy")
    names = read_names(data / "imagenet" / "classes.tsv")
    texts, rows = collect(photos, names, work / "sentences.npy", seed)
    log.info("%d photos, %d texts", len(photos), len(texts.strings))
    return Corpus(photos, pixels, texts, rows)


def main() -> None:
    """Train, resuming where an earlier run stopped; then measure, and write the packs."""
    chosen = read_options(__doc__)
    chosen.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(chosen.threads)
    if chosen.names_only:
        make_names_pack(chosen.data, chosen.work, chosen.out, chosen.version)
        return
    check_same_run(chosen.work, decisive(chosen))
    if chosen.photos:
        chosen.data = subset(chosen.data, chosen.photos, chosen.work / "data")
    plan, alike = Plan(epochs=chosen.epochs), dataclasses.replace(ALIKE, epochs=chosen.alike_epochs)
    if chosen.go_on:
        plan, alike = (dataclasses.replace(each, epochs=0) for each in (plan, alike))
    heads, fine = HeadsPlan(epochs=chosen.heads_epochs), FinePlan(epochs=chosen.fine_epochs)
    make_packs(chosen, (plan, alike, heads, WholePlan(steps=chosen.whole_steps), fine))


def make_packs(chosen: argparse.Namespace, plans: Plans) -> None:
    """One step after another, each on a copy of what the last one made."""
    data, work, pack = chosen.data, chosen.work, chosen.out.name
    chain = PackChain(work / "packs")
    command = f"models/train/run.sh --data DATA{changed(chosen)}"
    cache = work / "encoded"

    def trained(packs: Path) -> None:
        release = Release(packs / pack, chosen.version, chosen.remark, command)
        finish(*train(chosen, plans), work, release)

    chain.step("trained", trained)
    if chosen.second:
        chain.step("second", lambda to: add_second(data, to / pack, work, chosen.version))
    if chosen.dictionaries:
        words, plan = chosen.dictionaries, StudentPlan(steps=chosen.language_steps)
        chain.step("languages", lambda to: add_languages(data, words, to / pack, work, plan))
        tokens = TokensPlan(steps=round(plan.steps * TokensPlan().steps / StudentPlan().steps))
        chain.step("tokens", lambda to: teach_tokens(data, to / pack, work, tokens))
    if chosen.detector:
        detector, words = chosen.detector, chosen.dictionaries
        chain.step("objects", lambda to: add_objects(data, detector, to / pack, work, words))
    chain.step("fitted", lambda to: fit_relevance(data, to / pack, cache))
    if chosen.tiny:
        tiny = chosen.tiny.name
        chain.step("tiny", lambda to: make_tiny(data, to / pack, to / tiny, work, chosen.version))
        chain.step("tiny-fitted", lambda to: fit_relevance(data, to / tiny, cache))
    if chosen.regions:  # after the smaller pack, whose tokens are those before
        looks = RegionsPlan(steps=chosen.region_steps)
        chain.step("regions", lambda to: add_regions(data, to / pack, work, chosen.version, looks))
        if chosen.dictionaries:  # words hear what the fine stage makes of the new regions
            steps = work / "tokens_again"
            chain.step("regions-words", lambda to: teach_tokens(data, to / pack, steps, tokens))
        again = work / "encoded_again"  # of the same version, other tokens
        chain.step("regions-fitted", lambda to: fit_relevance(data, to / pack, again, ENDS))
    swap_in(chain.pack(pack), chosen.out)
    if chosen.tiny:
        swap_in(chain.pack(tiny), chosen.tiny)
    log.info("written: %s", chosen.out)


def train(chosen: argparse.Namespace, plans: Plans) -> tuple[Model, Plans, Corpus]:
    """All stages of the networks."""
    plan, alike, *later = plans
    torch.manual_seed(plan.seed)
    corpus = load_corpus(chosen.data, chosen.work, plan.seed)
    plain = [variants[0] for variants in corpus.rows.names]
    model = Model(plan.shared_blocks, *class_space(corpus.texts.teacher[plain]))
    if chosen.go_on:
        load_pack(model, chosen.go_on)
    else:
        train_towers(model, corpus, plan, alike, chosen.work)
    model.requires_grad_(True).eval()
    train_heads(model, corpus, tuple(later), chosen.work)
    return model, plans, corpus


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
        torch.manual_seed(heads.seed)  # what a stage draws does not follow from where a run began
        HeadsTrainer(heads, model, corpus, train, texts, dev, work).run()
        keep(model, work / "heads.done.pt")
    if whole.steps and not taken_up(model, work / "whole.done.pt"):
        torch.manual_seed(whole.seed)
        WholeTrainer(whole, model, corpus, train, texts, dev, work).run()
        keep(model, work / "whole.done.pt")
    if (work / "fine.done.pt").exists():
        model.deep = DeepFine(copy.deepcopy(model.heads.fine))
        taken_up(model, work / "fine.done.pt")
        return
    torch.manual_seed(fine.seed)
    fit_balance(model, corpus, fine.seed)
    if fine.epochs:
        FineTrainer(fine, model, corpus, train, texts, dev, work).run()
        keep(model, work / "fine.done.pt")


def keep(model: Model, done: Path) -> None:
    """A stage ended with these weights."""
    with atomic(done) as part:
        torch.save(model.state_dict(), part)


def taken_up(model: Model, done: Path) -> bool:
    """Whether a stage ended in an earlier run; then its weights are in the model."""
    if not done.exists():
        return False
    model.load_state_dict(torch.load(done, weights_only=True))
    log.info("taken up from %s", done.name)
    return True


if __name__ == "__main__":
    main()
