"""From a trained model to the folder that ships: weights of the parts, graphs, figures, card."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import shutil
from pathlib import Path

import numpy as np
import torch

from train.calibrate import platt
from train.card import card
from train.coarse import Corpus, Model, Plan, encode_all_photos
from train.evaluate import (
    Graphs,
    everyday_precision,
    gain,
    human_split,
    recalls,
    score_all,
)
from train.export import export_graphs
from train.pack import swap_in, write_manifest, write_tokenizer

log = logging.getLogger(__name__)

SHORT_LIST = 100
_PACKAGES = ("torch", "onnx", "onnxruntime", "numpy", "efficientnet-lite-pytorch")


def finish(model: Model, plan: Plan, corpus: Corpus, version: str, work: Path, out: Path) -> None:
    """Export, choose what dev decides, measure on test, write the card, and put it in ``out``."""
    made = work / "pack"
    shutil.rmtree(made, ignore_errors=True)
    export_graphs(model, made)
    write_tokenizer(made)
    graphs = Graphs.load(made)
    constants = _constants(graphs, corpus)
    figures = _measure(graphs, model, corpus, constants["weight"])
    log.info("figures %s", json.dumps(figures))
    (work / "figures.json").write_text(json.dumps({**figures, **constants}, indent=1))
    size = sum(path.stat().st_size for path in made.iterdir()) / 1e6
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    text = card(
        {
            "short_list": SHORT_LIST, "seed": plan.seed, "epochs": plan.epochs,
            "frozen": plan.frozen_blocks, "versions": versions, "size": f"{size:.1f}",
            **_rows(figures),
        }
    )  # fmt: skip
    (made / "CARD.md").write_text(text, encoding="utf-8")
    write_manifest(made, version, constants, SHORT_LIST)
    swap_in(made, out)


def _constants(graphs: Graphs, corpus: Corpus) -> dict[str, float]:
    """The share of the coarse score and the calibration, from the dev split."""
    photos, rows, owner = human_split(corpus, "dev")
    scored = score_all(graphs, corpus, photos, rows, SHORT_LIST)
    weights = np.arange(2, 41, 1.0)
    recall = [sum(recalls(scored.cascade_ranks(owner, weight))) for weight in weights]
    weight = float(weights[int(np.argmax(recall))])
    right = scored.near == owner[:, None]
    near = np.take_along_axis(scored.coarse, scored.near, 1)
    scale, offset = platt(scored.final(weight), right)
    coarse_scale, coarse_offset = platt(near, right)
    named = {"scale": scale, "offset": offset, "coarse_scale": coarse_scale}
    named |= {"coarse_offset": coarse_offset, "weight": weight}
    return {name: round(value, 4) for name, value in named.items()}


def _measure(graphs: Graphs, model: Model, corpus: Corpus, weight: float) -> dict[str, object]:
    photos, rows, owner = human_split(corpus, "test")
    scored = score_all(graphs, corpus, photos, rows, SHORT_LIST)
    coarse, cascade = scored.coarse_ranks(owner), scored.cascade_ranks(owner, weight)
    _, _, logits = encode_all_photos(model, corpus.pixels, photos)
    teacher = torch.from_numpy(corpus.teacher_logits[np.asarray(photos), 0]).float()
    kept = (logits.argmax(1) == teacher.argmax(1)).float().mean().item()
    return {
        "coarse": recalls(coarse),
        "cascade": recalls(cascade),
        "gain": gain(coarse, cascade, owner),
        "everyday": everyday_precision(graphs, corpus, weight, SHORT_LIST),
        "classes": round(100 * kept, 1),
    }


def _rows(figures: dict[str, object]) -> dict[str, object]:
    """Figures as cells of the card's tables."""
    gained = [f"+{g['points']} ({g['low']} to {g['high']})" for g in figures["gain"]]  # type: ignore[attr-defined]
    return {
        "coarse": " | ".join(map(str, figures["coarse"])),  # type: ignore[call-overload]
        "cascade": " | ".join(map(str, figures["cascade"])),  # type: ignore[call-overload]
        "gain": " | ".join(gained),
        "everyday": " / ".join(map(str, figures["everyday"])),  # type: ignore[call-overload]
        "classes": figures["classes"],
    }
