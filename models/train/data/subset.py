"""A few photos of every set, to try the recipe as a whole in minutes."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

from train.running.atomic import atomic

LEAST = 400  # a step of the pools takes 384 labelled photos
_OTHERS = 4  # photos to learn from for each of any other split
_SENTENCES = 10  # lines of parallel sentences for each photo
_SETS = ("flickr8k", "everyday", "strangers")


def subset(data: Path, photos: int, folder: Path) -> Path:
    """``folder``, laid out as ``data``, with ``photos`` to learn from of each set and a quarter as
    many of each other split; photos themselves are linked to. Made once.
    """
    if folder.exists():
        return folder
    with atomic(folder) as part:
        for name in _SETS:
            if (data / name).is_dir():
                _some(data / name, part / name, photos)
        (part / "sentences").mkdir(parents=True)
        for path in sorted((data / "sentences").glob("*.jsonl")):
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            few = "".join(lines[: _SENTENCES * photos])
            (part / "sentences" / path.name).write_text(few, encoding="utf-8")
        for name in ("imagenet", "objects.jsonl"):
            if (data / name).exists():
                (part / name).symlink_to((data / name).resolve())
    return folder


def _some(source: Path, target: Path, photos: int) -> None:
    """Photos of a set, in file order."""
    lines = (source / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        row = json.loads(line)
        # each set of strangers' photos is asked in its own way
        kind = row["set"] if source.name == "strangers" else ""
        groups[row["split"], kind].append(at)
    chosen = []
    for (split, _), places in groups.items():
        count = photos if split == "train" else photos // _OTHERS
        chosen += random.Random(1).sample(places, min(count, len(places)))
    target.mkdir(parents=True)
    text = "".join(f"{lines[at]}\n" for at in sorted(chosen))
    (target / "captions.jsonl").write_text(text, encoding="utf-8")
    (target / "images").symlink_to((source / "images").resolve())
