"""Photos and captions in memory."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from train.running.atomic import atomic

SIZE = 224
MAX_TOKENS = 40

_TEMPLATE = re.compile(r"^(a photo of|an indoor photo with|a scanned) ", re.IGNORECASE)
_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo with what people, or a template, say of it, and the set it is from, if any."""

    path: Path
    split: str
    captions: tuple[str, ...]
    human: bool
    kind: str = ""

    @property
    def may_flip(self) -> bool:
        """Mirrored, left becomes right."""
        return not any(_SIDES.search(caption) for caption in self.captions)


def load_photos(folder: Path, *, human: bool) -> list[Photo]:
    """Photos of a folder with ``captions.jsonl`` and ``images/``, in file order."""
    photos = []
    with (folder / "captions.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            path = folder / "images" / row["image"]
            kind = row.get("set", "")
            photos.append(Photo(path, row["split"], tuple(row["captions"]), human, kind))
    return photos


def squeezed(path: Path, size: int = SIZE) -> np.ndarray:
    """A photo as the runtime puts it into the square: uint8 [size, size, 3]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))


def load_pixels(photos: list[Photo], cache: Path) -> np.ndarray:
    """uint8 [N, 224, 224, 3], squeezed to the square as the runtime does it; kept in ``cache``."""
    if cache.exists():
        pixels = np.load(cache, mmap_mode="r")
        if len(pixels) == len(photos):
            return pixels
    pixels = np.empty((len(photos), SIZE, SIZE, 3), np.uint8)
    for row, photo in enumerate(photos):
        pixels[row] = squeezed(photo.path)
    with atomic(cache) as part:
        np.save(part, pixels)
    return pixels


def without_template(caption: str) -> str:
    """A label without "a photo of" before it."""
    return _TEMPLATE.sub("", caption)


def as_people_type(caption: str, rng: random.Random) -> str:
    """A templated caption the way it would be typed: often without the template."""
    if rng.random() < 0.35:
        return caption
    bare = without_template(caption)
    draw = rng.random()
    parts = re.split(r", | and ", bare)
    if draw < 0.25 and len(parts) > 2:
        rng.shuffle(parts)
        bare = " ".join(parts[: rng.randint(1, 3)])
    if draw > 0.5:
        bare = re.sub(r"^(a|an|the) ", "", bare)
    return bare
