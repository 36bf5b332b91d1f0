"""What a network's graph makes of photos, kept, for a map that learns from it."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import numpy as np

from train.data.photos import Photo, squeezed
from train.measuring.evaluate import as_graphs_take, session
from train.running.atomic import atomic
from train.second.head import WIDTH

log = logging.getLogger(__name__)

_BATCH = 16
_KEPT = 50  # batches, after which a run that was killed goes on
_CLASSES = 1000


def see(
    network: Path, photos: list[Photo], kept: Path, outputs: tuple[str, str] = ("means", "logits")
) -> tuple[np.ndarray, np.ndarray]:
    """Means float16 [P, 1280] and logits float16 [P, 1000] of a network's graph, ``kept``; it goes
    on where it stopped, and begins anew where graph or photos are others.
    """
    told = kept.with_suffix(".json")
    names = "\n".join(f"{photo.path.parents[1].name}/{photo.path.name}" for photo in photos)
    what = {"graph": _digest(network.read_bytes()), "photos": _digest(names.encode())}
    found = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    done = found["done"] if found.items() >= what.items() else 0
    if not done:
        told.unlink(missing_ok=True)
    seen = np.lib.format.open_memmap(
        kept, "r+" if done else "w+", np.float16, (len(photos), WIDTH + _CLASSES)
    )
    graph = session(network, 1)
    for start in range(done, len(photos), _BATCH):
        some = photos[start : start + _BATCH]
        pixels = np.stack([squeezed(photo.path) for photo in some])
        x = as_graphs_take(pixels)
        done = start + len(some)
        seen[start:done] = np.concatenate(graph.run(list(outputs), {"pixels": x}), 1)
        if done % (_BATCH * _KEPT) == 0 or done == len(photos):
            log.info("%s: %d of %d photos", kept.name, done, len(photos))
            with atomic(told) as part:
                part.write_text(json.dumps({**what, "done": done}), encoding="utf-8")
    return np.asarray(seen[:, :WIDTH]), np.asarray(seen[:, WIDTH:])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
