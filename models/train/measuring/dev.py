"""How a model does on the dev split while it is trained, tokens as they are stored."""

from __future__ import annotations

import torch

from train.measuring import metrics
from train.towers.model import Corpus, Model, encode_all_photos, encode_all_texts

SHORT_LIST = 50  # shorter than the pack's: this runs after every epoch


def evaluate(model: Model, corpus: Corpus) -> dict[str, object]:
    """Recall of sentences, precision of everyday captions, and whether class names are known."""
    model.eval()
    found = _sentences(model, corpus)
    found["everyday"] = _everyday(model, corpus)
    found["names"] = _names(model, corpus)
    return found


def _scored(
    model: Model, corpus: Corpus, photos: list[int], rows: list[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    """Coarse scores [T, P], short lists [T, K], fine scores [T, K], share of coarse."""
    photo, regions, _ = encode_all_photos(model, corpus.pixels, photos)
    text, words, mask = encode_all_texts(model, corpus.texts, rows)
    coarse = text @ photo.T
    near = coarse.topk(SHORT_LIST, 1).indices
    fine = metrics.fine_over(model.fine, words, mask, metrics.as_stored(regions), near)
    return coarse, near, fine, (model.heads.fine_scale.exp() * 10).item()


def _sentences(model: Model, corpus: Corpus) -> dict[str, object]:
    photos = corpus.of("dev", human=True)
    rows = [row for photo in photos for row in corpus.rows.captions[photo]]
    owner = torch.tensor([i for i, photo in enumerate(photos) for _ in corpus.rows.captions[photo]])
    coarse, near, fine, weight = _scored(model, corpus, photos, rows)
    return {
        "coarse": metrics.recall(metrics.ranks(coarse, owner)),
        "cascade": metrics.recall(metrics.cascade_ranks(coarse, fine, near, owner, weight)),
        "fine": metrics.recall(metrics.cascade_ranks(coarse, fine, near, owner, 0.0)),
        "weight": round(weight, 2),
    }


def _everyday(model: Model, corpus: Corpus) -> list[float]:
    """Precision at min(10, number right) of each distinct caption: coarse, cascade."""
    photos = corpus.of("dev", human=False)
    owned = torch.tensor([corpus.rows.captions[photo][0] for photo in photos])
    rows = sorted(set(owned.tolist()))
    coarse, near, fine, weight = _scored(model, corpus, photos, rows)
    final = fine + weight * coarse.gather(1, near)
    better = near.gather(1, final.argsort(1, descending=True))
    right = owned[None, :] == torch.tensor(rows)[:, None]
    return [metrics.precision(right, order) for order in (near, better)]


def _names(model: Model, corpus: Corpus) -> float:
    """Percent of class names that find their photo among one photo a class."""
    chosen = sure_photos(model, corpus)
    photo, _, _ = encode_all_photos(model, corpus.pixels, list(chosen.values()))
    text, _, _ = encode_all_texts(model, corpus.texts, [corpus.rows.names[c][0] for c in chosen])
    top = (text @ photo.T).argmax(1)
    return round(100 * (top == torch.arange(len(top))).float().mean().item(), 1)


def sure_photos(model: Model, corpus: Corpus) -> dict[int, int]:
    """A held-out photo for each class that the classifier is sure to see in any, by class."""
    photos = [i for i, photo in enumerate(corpus.photos) if photo.split != "train"]
    _, _, logits = encode_all_photos(model, corpus.pixels, photos)
    sure, classes = logits.softmax(-1).max(-1)
    first: dict[int, int] = {}
    for photo, share, label in zip(photos, sure.tolist(), classes.tolist(), strict=True):
        if share > metrics.SURE:
            first.setdefault(label, photo)
    return first
