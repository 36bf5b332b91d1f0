"""From a trained model to the folder that ships: weights of the parts, graphs, figures, card."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.data import pictures
from train.data.words import write_words
from train.fine.stage import FinePlan
from train.measuring.calibrate import platt
from train.measuring.evaluate import (
    Everyday,
    Graphs,
    Scored,
    everyday_precision,
    gain,
    human_split,
    names_known,
    recalls,
    score_all,
    shortest,
)
from train.measuring.probes import probe
from train.packing.card import card, fine_sentence, towers_sentence
from train.packing.export import export_graphs
from train.packing.pack import LICENCE, swap_in, write_manifest, write_tokenizer
from train.packing.quantise import CALIBRATION
from train.pools.heads_stage import HeadsPlan
from train.pools.whole_stage import WholePlan
from train.towers.coarse import Plan
from train.towers.model import Corpus, Model

log = logging.getLogger(__name__)

LONGEST = 200  # stands for the whole library when the short list is chosen
INT8_LOSS = 0.7  # points that the int8 graph may lose at any rank on dev
LOSS = 0.5  # points that a short list may lose at any rank, the bound of its interval
_PACKAGES = ("torch", "onnx", "onnxruntime", "numpy", "efficientnet-lite-pytorch")


@dataclass(frozen=True, slots=True)
class Release:
    """Where the pack goes, its version, and what its card says of the run beyond the plan."""

    out: Path
    version: str
    remark: str
    command: str


def finish(
    model: Model,
    plans: tuple[Plan, Plan, HeadsPlan, WholePlan, FinePlan],
    corpus: Corpus,
    work: Path,
    release: Release,
) -> None:
    """Export, choose what dev decides, measure on test, write the card, and put it in place.

    ``plans``: of the stages that made the model.
    """
    plan, alike, heads, whole, fine = plans
    made = work / "pack"
    shutil.rmtree(made, ignore_errors=True)
    export_graphs(model, made, _calibration(corpus, plan.seed))
    write_tokenizer(made)
    write_words(made, corpus)
    graphs, gate = _gated(made, corpus)
    constants = _constants(graphs, corpus)
    short_list = int(constants["short_list"])
    figures = _measure(graphs, model, corpus, constants["weight"], short_list)
    figures["gate"] = gate
    figures["probes"] = probe(graphs, corpus, constants["weight"], short_list, plan.seed)
    log.info("figures %s", json.dumps(figures))
    (work / "figures.json").write_text(json.dumps({**figures, **constants}, indent=1))
    size = sum(path.stat().st_size for path in made.iterdir()) / 1e6
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    text = card(
        {
            "short_list": short_list, "seed": plan.seed,
            "towers": towers_sentence(plan.epochs, alike.epochs),
            "heads": heads.epochs, "whole": whole.steps,
            "version": release.version, "command": release.command,
            "shared": plan.shared_blocks, "strength": f"{model.balance.strength.item():.1f}",
            "remark": release.remark and f" {release.remark}",
            "fine": fine_sentence(fine.epochs), "versions": versions, "size": f"{size:.1f}",
            **_rows(figures),
        }
    )  # fmt: skip
    (made / "CARD.md").write_text(text, encoding="utf-8")
    write_manifest(made, name="mini", version=release.version, licence=LICENCE, constants=constants)
    swap_in(made, release.out)


def _gated(made: Path, corpus: Corpus) -> tuple[Graphs, dict[str, list[float]]]:
    """The graphs to measure: with int8 unless it costs more than ``INT8_LOSS`` points of recall.

    An int8 graph that does is left out of the pack.
    """
    photos, rows, owner = human_split(corpus, "dev")
    found = {}
    for name in ("image.onnx", "image.int8.onnx"):
        graphs = Graphs.load(made, name)
        embeddings, _ = graphs.photos(corpus.pixels[np.asarray(photos)])
        texts = np.stack([text[0] for text in graphs.texts(corpus.texts, rows)])
        coarse = Scored(texts @ embeddings.T, np.empty((0, 0)), np.empty((0, 0)))
        found[name] = recalls(coarse.coarse_ranks(owner))
    log.info("gate: %s", found)
    lost = np.subtract(found["image.onnx"], found["image.int8.onnx"]).max()
    if lost > INT8_LOSS:
        (made / "image.int8.onnx").unlink()
        return Graphs.load(made, "image.onnx"), found
    return graphs, found


def _calibration(corpus: Corpus, seed: int) -> np.ndarray:
    """Training photos of both kinds."""
    photos = corpus.of("train", human=True) + corpus.of("train", human=False)
    chosen = sorted(random.Random(seed).sample(photos, CALIBRATION))
    return np.array(corpus.pixels[np.asarray(chosen)])


def _constants(graphs: Graphs, corpus: Corpus) -> dict[str, float]:
    """The share of the coarse score, the short list and the calibration, from the dev split."""
    photos, rows, owner = human_split(corpus, "dev")
    scored = score_all(graphs, corpus, photos, rows, LONGEST)
    labels = Everyday.of(graphs, corpus, LONGEST)
    weights = np.geomspace(2, 400, 54)
    found = [sum(recalls(scored.cascade_ranks(owner, weight))) / 3 + labels.precision(weight)
             for weight in weights]  # fmt: skip
    weight = float(weights[int(np.argmax(found))])
    right = scored.near == owner[:, None]
    near = np.take_along_axis(scored.coarse, scored.near, 1)
    scale, offset = platt(scored.final(weight), right)
    coarse_scale, coarse_offset = platt(near, right)
    named = {"scale": scale, "offset": offset, "coarse_scale": coarse_scale}
    named |= {"coarse_offset": coarse_offset, "weight": weight}
    constants = {name: round(value, 4) for name, value in named.items()}
    constants |= _pictures(graphs, corpus)
    return {**constants, "short_list": shortest(scored, owner, weight, LOSS)}


def _pictures(graphs: Graphs, corpus: Corpus) -> dict[str, float]:
    photos = corpus.of("dev", human=False)
    embeddings, _ = graphs.photos(corpus.pixels[np.asarray(photos)])
    return pictures.fit(embeddings, pictures.labels_of(corpus, photos))


def _measure(
    graphs: Graphs, model: Model, corpus: Corpus, weight: float, short_list: int
) -> dict[str, object]:
    photos, rows, owner = human_split(corpus, "test")
    scored = score_all(graphs, corpus, photos, rows, short_list)
    coarse, cascade = scored.coarse_ranks(owner), scored.cascade_ranks(owner, weight)
    names, classes = names_known(graphs, corpus, model)
    return {
        "coarse": recalls(coarse),
        "cascade": recalls(cascade),
        "gain": gain(coarse, cascade, owner),
        "everyday": everyday_precision(graphs, corpus, weight, short_list),
        "names": names,
        "classes": classes,
    }


def _set(kind: str, found: list[float]) -> str:
    coarse, cascade, captions = found
    return f"| {kind} | {captions:.0f} | {coarse} / {cascade} |"


def _rows(figures: dict[str, object]) -> dict[str, object]:
    """Figures as cells of the card's tables."""
    gained = [f"+{g['points']} ({g['low']} to {g['high']})" for g in figures["gain"]]  # type: ignore[attr-defined]
    return {
        "coarse": " | ".join(map(str, figures["coarse"])),  # type: ignore[call-overload]
        "cascade": " | ".join(map(str, figures["cascade"])),  # type: ignore[call-overload]
        "gain": " | ".join(gained),
        "everyday": " / ".join(map(str, figures["everyday"][""][:2])),  # type: ignore[index]
        "sets": "\n".join(_set(*item) for item in figures["everyday"].items() if item[0]),  # type: ignore[attr-defined]
        "probes": "\n".join(f"| {row} |" for row in figures["probes"]),  # type: ignore[attr-defined]
        "gate": " / ".join(", ".join(map(str, at)) for at in figures["gate"].values()),  # type: ignore[attr-defined]
        "names": f"{figures['names']} % of {figures['classes']}",
    }
