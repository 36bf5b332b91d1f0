"""What folds that should not, and what is found: ``python -m benchmarks.finding.duplicates``.

``--data DATA`` holds ``everyday`` (receipts and photos) and ``flickr8k``. Before: region tokens
alone decide. After: they propose, and pixels decide (``images/comparison/agreement.py``). Of pages,
pixels are asked for every pair as well, whatever is proposed. ``--pairs`` of made-up pages of a
kind, ``--photos``; 0 leaves a table out.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance

from benchmarks.common.report import say, table
from crispd.duplicates.comparison import similarity
from crispd.images.comparison.agreement import READING, SCENE, is_page, same_page, same_scene
from crispd.images.comparison.greyscale import to_greyscale
from crispd.images.decode import decode_photo
from crispd.images.thumbnails import convert
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.types import DecodeLimits, Floats
from tests.images.documents import KINDS, pages

_LIMITS = DecodeLimits(max_pixels=10**8, max_bytes=10**9)
_NEAR, _SAME, _SAME_BURST = 0.7, 0.9, 0.82  # of the finder


class Seen(NamedTuple):
    """What is known of a picture: embedding, tokens of unit length, and it in grey."""

    embedding: Floats
    tokens: Floats
    small: Floats
    large: Floats
    page: bool


def seen(pack: Pack, data: bytes) -> Seen:
    """Through the decoder, the model and the thumbnails, as indexing does."""
    wanted = pack.manifest.image.input
    photo = decode_photo(data, wanted, _LIMITS, thumbnails=(320, 480, 1280))
    found = pack.image_encoder.encode(photo.pixels[None])[0]
    assert pack.unpack is not None and found.tokens is not None  # noqa: PT018
    tokens = pack.unpack([found.tokens])[0]
    tokens = tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-9)
    small = to_greyscale(photo.thumbnails[0].jpeg, SCENE)
    with Image.open(io.BytesIO(data)) as image:
        whole = encoded(image.convert("RGB"), "JPEG", quality=95)
    large = to_greyscale(convert(whole, READING, "image/jpeg"), READING)
    return Seen(found.embedding, tokens.astype(np.float32), small, large, is_page(small))


def proposed(one: Seen, other: Seen, *, burst: bool = False) -> bool:
    """By embedding and tokens: what folded before."""
    if float(one.embedding @ other.embedding) < _NEAR:
        return False
    return similarity(one.tokens, other.tokens) >= (_SAME_BURST if burst else _SAME)


def agree(one: Seen, other: Seen) -> bool:
    """By pixels."""
    if not same_scene(one.small, other.small):
        return False
    return not (one.page or other.page) or same_page(one.large, other.large)


def encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    """A file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def copies(photo: Image.Image) -> dict[str, bytes]:
    """Saved again, and lightly edited."""
    width, height = photo.size
    half = photo.resize((width * 7 // 10, height * 7 // 10))
    return {
        "quality 30": encoded(photo, "JPEG", quality=30),
        "quality 75": encoded(photo, "JPEG", quality=75),
        "PNG": encoded(photo, "PNG"),
        "WebP": encoded(photo, "WEBP", quality=70),
        "70 % of the size": encoded(half, "JPEG", quality=85),
        "brighter": encoded(ImageEnhance.Brightness(photo).enhance(1.25), "JPEG", quality=85),
        "colours": encoded(ImageEnhance.Color(photo).enhance(1.6), "JPEG", quality=85),
        "5 % cropped": encoded(photo.crop((width // 20, height // 20, width, height)), "JPEG"),
    }


def bursts(photo: Image.Image, chance: random.Random) -> dict[str, bytes]:
    """The next pictures of a hand that moves: shifted, turned, lighter or darker."""
    found = {}
    width, height = photo.size
    for number in range(3):
        turned = photo.rotate(chance.uniform(-1.5, 1.5), Image.Resampling.BICUBIC)
        left, top = (chance.uniform(0.02, 0.07) for _ in range(2))
        box = (int(left * width), int(top * height), int((left + 0.91) * width),
               int((top + 0.91) * height))  # fmt: skip
        light = ImageEnhance.Brightness(turned.crop(box)).enhance(chance.uniform(0.85, 1.2))
        found[f"burst {number + 1}"] = encoded(light, "JPEG", quality=88)
    return found


def false_folds(pack: Pack, sets: dict[str, list[bytes]], most: int) -> list[list[str]]:
    """A row a set of pictures that are all different."""
    rows = []
    for name, files in sets.items():
        known = [seen(pack, data) for data in files]
        pairs = list(combinations(known, 2))
        pairs = random.Random(1).sample(pairs, min(most, len(pairs)))
        before = [proposed(*pair, burst=True) for pair in pairs]
        by_pixels = [agree(*pair) for pair in pairs]
        after = sum(a and b for a, b in zip(before, by_pixels, strict=True))
        strict = sum(proposed(*pair) for pair in pairs)
        counts = [len(pairs), strict, sum(before), sum(by_pixels), after]
        rows.append([name, *map(str, counts)])
        say(json.dumps(rows[-1]))
    return rows


def recall(pack: Pack, photos: list[bytes]) -> list[list[str]]:
    """A row a change."""
    chance, found = random.Random(2), dict[str, list[tuple[bool, bool]]]()
    for data in photos:
        with Image.open(io.BytesIO(data)) as image:
            photo = image.convert("RGB")
        whole = seen(pack, data)
        for name, version in {**copies(photo), **bursts(photo, chance)}.items():
            other = seen(pack, version)
            before = proposed(whole, other, burst=name.startswith("burst"))
            found.setdefault(name, []).append((before, before and agree(whole, other)))
    rows = []
    for name, each in found.items():
        before, now = (f"{100 * share:.1f} %" for share in np.mean(each, axis=0))
        rows.append([name, str(len(each)), before, now])
    return rows


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=190)
    parser.add_argument("--photos", type=int, default=120)
    asked = parser.parse_args()
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    everyday, flickr = asked.data / "everyday" / "images", asked.data / "flickr8k" / "images"
    if asked.pairs:
        count = next(n for n in range(2, 1000) if n * (n - 1) // 2 >= asked.pairs)
        sets = {name: [encoded(page, "JPEG", quality=88) for page in pages(name, count)]
                for name in KINDS}  # fmt: skip
        for name in ("sroie", "receipts2"):
            sets[name] = [path.read_bytes() for path in sorted(everyday.glob(f"{name}_*"))]
        rows = false_folds(pack, sets, 10 * asked.pairs)
        heads = ["different pages", "pairs", "tokens 0.9", "tokens 0.82", "pixels alone", "now"]
        table(heads, rows)
    if asked.photos:
        names = random.Random(3).sample(sorted(flickr.iterdir()), asked.photos // 2)
        names += random.Random(3).sample(sorted(everyday.glob("voc_*")), asked.photos // 2)
        heads = ["change", "photos", "before", "now"]
        table(heads, recall(pack, [path.read_bytes() for path in names]))


if __name__ == "__main__":
    main()
