"""How good the files of a pack are, through onnxruntime and with tokens as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from train.data.texts import Texts
from train.measuring.dev import sure_photos
from train.measuring.metrics import bootstrap, precision
from train.towers.model import Corpus, Model
from train.towers.networks import IMAGE_MEAN, IMAGE_STD

RANKS = (1, 5, 10)
SHORT_LISTS = (20, 26, 30, 40, 50, 75, 100)


def as_graphs_take(pixels: np.ndarray) -> np.ndarray:
    """uint8 [N, 224, 224, 3] as graphs of photos take it, float32 [N, 3, 224, 224]."""
    x = pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255
    return np.ascontiguousarray((x - IMAGE_MEAN) / IMAGE_STD, dtype=np.float32)


def session(path: Path, threads: int = 2) -> ort.InferenceSession:
    """A graph on so many threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options)


@dataclass(slots=True)
class Graphs:
    """The three sessions of a pack."""

    image: ort.InferenceSession
    text: ort.InferenceSession
    fine: ort.InferenceSession

    @classmethod
    def load(cls, folder: Path, image: str) -> Graphs:
        """Sessions on two threads, with this file of the image graph."""
        # Words are read in int8 on every processor.
        files = (image, "text.int8.onnx", "fine.onnx")
        return cls(*(session(folder / name) for name in files))

    def photos(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 [N, 224, 224, 3] -> embeddings [N, D], tokens [N, R, d] after int8 storage."""
        embeddings, tokens = [], []
        for start in range(0, len(pixels), 16):
            x = as_graphs_take(pixels[start : start + 16])
            embedding, token = self.image.run(["embedding", "tokens"], {"pixels": x})
            embeddings.append(embedding)
            tokens.append(as_stored(token))
        return np.concatenate(embeddings), np.concatenate(tokens)

    def texts(self, texts: Texts, rows: list[int]) -> list[tuple[np.ndarray, ...]]:
        """embedding [D], tokens [L, d], word mask [L] of each text, one at a time as a query is."""
        found = []
        for row in rows:
            ids = texts.ids[row][texts.ids[row] != 0][None]
            inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            outputs = self.text.run(["embedding", "tokens", "word_mask"], inputs)
            found.append(tuple(output[0] for output in outputs))
        return found

    def scores(self, words: np.ndarray, mask: np.ndarray, regions: np.ndarray) -> np.ndarray:
        """Fine scores [K]."""
        inputs = {"text_tokens": words, "word_mask": mask, "image_tokens": regions}
        return self.fine.run(["scores"], inputs)[0]


def as_stored(tokens: np.ndarray) -> np.ndarray:
    """Tokens [..., R, d] after int8 storage with a float16 scale a region."""
    scale = (np.abs(tokens).max(-1, keepdims=True) / 127).astype(np.float16).astype(np.float32)
    scale = np.where(scale > 0, scale, 1)
    return (np.clip(np.rint(tokens / scale), -127, 127) * scale).astype(np.float32)


@dataclass(slots=True)
class Scored:
    """Coarse scores [T, P] and, on the short list [T, K], candidates and fine scores."""

    coarse: np.ndarray
    near: np.ndarray
    fine: np.ndarray

    def final(self, weight: float) -> np.ndarray:
        """Final scores [T, K]."""
        return self.fine + weight * np.take_along_axis(self.coarse, self.near, 1)

    def coarse_ranks(self, owner: np.ndarray) -> np.ndarray:
        """0-based rank of each text's photo in the coarse order."""
        own = self.coarse[np.arange(len(owner)), owner]
        return (self.coarse > own[:, None]).sum(1)

    def cascade_ranks(self, owner: np.ndarray, weight: float) -> np.ndarray:
        """0-based rank after re-ranking; a photo beyond the short list keeps its place."""
        final, hit = self.final(weight), self.near == owner[:, None]
        own = np.where(hit, final, -np.inf).max(1)
        return np.where(hit.any(1), (final > own[:, None]).sum(1), self.coarse_ranks(owner))


def score_all(graphs: Graphs, corpus: Corpus, photos: list[int], rows: list[int], k: int) -> Scored:
    """Every text against every photo, and the fine model over each text's first k."""
    seen = graphs.photos(corpus.pixels[np.asarray(photos)])
    return score(graphs, seen, graphs.texts(corpus.texts, rows), k)


def score(
    graphs: Graphs,
    seen: tuple[np.ndarray, np.ndarray],
    read: list[tuple[np.ndarray, ...]],
    k: int,
) -> Scored:
    """The same of photos and texts that are encoded."""
    embeddings, regions = seen
    coarse = np.stack([text[0] for text in read]) @ embeddings.T
    near = np.argsort(-coarse, axis=1, kind="stable")[:, : min(k, len(embeddings))]
    fine = np.stack(
        [
            graphs.scores(words, mask, regions[candidates])
            for (_, words, mask), candidates in zip(read, near, strict=True)
        ]
    )
    return Scored(coarse, near, fine)


def recalls(ranks: np.ndarray) -> list[float]:
    """Percent of texts whose photo is among the first 1, 5 and 10."""
    return [round(100 * float((ranks < k).mean()), 2) for k in RANKS]


def human_split(corpus: Corpus, split: str) -> tuple[list[int], list[int], np.ndarray]:
    """Photos with human captions, the rows of their captions, and the owner of each."""
    photos = corpus.of(split, human=True)
    rows = [row for photo in photos for row in corpus.rows.captions[photo]]
    owner = np.array([i for i, photo in enumerate(photos) for _ in corpus.rows.captions[photo]])
    return photos, rows, owner


def gain(coarse: np.ndarray, cascade: np.ndarray, owner: np.ndarray) -> list[dict[str, float]]:
    """What re-ranking adds at each rank, in points, with its 95 % interval over photos."""
    found = []
    for k in RANKS:
        before, after = 100.0 * (coarse < k), 100.0 * (cascade < k)
        low, high = bootstrap(before, after, owner)
        mean = float((after - before).mean())
        found.append(
            {"at": k, "points": round(mean, 2), "low": round(low, 2), "high": round(high, 2)}
        )
    return found


def shortest(scored: Scored, owner: np.ndarray, weight: float, loss: float) -> int:
    """The least K that loses at most ``loss`` points against the longest list scored, with the
    bound of its interval, at every rank."""
    whole = scored.cascade_ranks(owner, weight)
    for k in SHORT_LISTS:
        part = Scored(scored.coarse, scored.near[:, :k], scored.fine[:, :k])
        lost = gain(whole, part.cascade_ranks(owner, weight), owner)
        if all(at["low"] >= -loss for at in lost):
            return k
    return scored.near.shape[1]


@dataclass(slots=True)
class Everyday:
    """Distinct dev captions of everyday photos against those photos.

    ``right`` bool [T, P], ``kinds`` [T] the set that each caption is from.
    """

    scored: Scored
    right: np.ndarray
    kinds: np.ndarray

    @classmethod
    def of(cls, graphs: Graphs, corpus: Corpus, k: int) -> Everyday:
        """Scored once, for any weight."""
        photos = corpus.of("dev", human=False)
        owned = np.array([corpus.rows.captions[photo][0] for photo in photos])
        distinct = sorted(set(owned.tolist()))
        right = owned[None, :] == np.array(distinct)[:, None]
        kinds = np.array([corpus.photos[photos[first]].kind for first in right.argmax(1)])
        return cls(score_all(graphs, corpus, photos, distinct, k), right, kinds)

    def precision(self, weight: float | None, kind: str = "") -> float:
        """Mean precision at min(10, number right), of the coarse order where there is no weight."""
        near = self.scored.near
        if weight is not None:
            near = np.take_along_axis(near, np.argsort(-self.scored.final(weight), 1), 1)
        asked = self.kinds == kind if kind else np.ones(len(self.kinds), bool)
        return precision(torch.from_numpy(self.right[asked]), torch.from_numpy(near[asked]))


def everyday_precision(
    graphs: Graphs, corpus: Corpus, weight: float, k: int
) -> dict[str, list[float]]:
    """Precision of coarse and of the cascade, and how many captions: over all under "", by set."""
    found = Everyday.of(graphs, corpus, k)
    return {
        kind: [
            found.precision(None, kind),
            found.precision(weight, kind),
            int((found.kinds == kind).sum()) if kind else len(found.kinds),
        ]
        for kind in ("", *sorted(set(found.kinds)))
    }


def names_known(graphs: Graphs, corpus: Corpus, model: Model) -> tuple[float, int]:
    """Percent of class names that find their photo among one photo a class, and how many."""
    chosen = sure_photos(model, corpus)
    embeddings, _ = graphs.photos(corpus.pixels[np.asarray(list(chosen.values()))])
    texts = graphs.texts(corpus.texts, [corpus.rows.names[label][0] for label in chosen])
    top = (np.stack([text[0] for text in texts]) @ embeddings.T).argmax(1)
    return round(100 * float((top == np.arange(len(top))).mean()), 1), len(top)
