"""The table of ``docs/packs.md``, and the numbers that tests compare with (``--write``)."""

from __future__ import annotations

import argparse
import io
import logging
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.ranking.parity.families import FAMILIES, Reference
from crispd.images.decode import decode_photo
from crispd.packs.foreign import write_manifest
from crispd.packs.manifest import Manifest, read_manifest
from crispd.packs.pack import load_pack
from crispd.packs.preprocess import Normaliser
from crispd.packs.text.tokenizer import TextTokenizer
from crispd.types import DecodeLimits

LIMITS = DecodeLimits(max_pixels=10**9, max_bytes=10**9)
TEXTS = [
    "a dog", "A Dog  running on the BEACH!", "man’s best friend", "salt &amp; pepper",
    "“two” children, playing...", "ein Hund im Schnee", "une fête d'été", "snake_case, 3 cats",
    "it's 10:30 — café", "word " * 120,
]  # fmt: skip
_WHO = ("a dog", "two children", "an old man", "the red car", "ein Hund", "une fille", "cats")
_WHAT = ("runs", "sits", "is playing", "schläft", "mange")
_WHERE = ("on the beach", "in the snow", "at night", "near a house", "im Garten", "à la plage")
SENTENCES = [f"{who} {what} {where}" for who in _WHO for what in _WHAT for where in _WHERE]
_CLOSE = 1e-4


def pictures() -> list[Image.Image]:
    """Of odd sizes, tall and wide, with fine lines that a coarse resize would lose."""
    found = []
    for width, height in ((201, 133), (133, 202), (64, 64), (311, 70), (97, 96), (640, 481)):
        across, down = np.meshgrid(np.arange(width), np.arange(height))
        waves = np.stack([across * 7 % 256, down * 5 % 256, (across * down) % 256], -1)
        image = Image.fromarray(waves.astype(np.uint8))
        draw = ImageDraw.Draw(image)
        draw.ellipse((width // 5, height // 5, width // 2, height // 2), fill=(240, 30, 60))
        found.append(image.filter(ImageFilter.GaussianBlur(0.7)))
    return found


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def compare(folder: Path, reference: Reference, precision: str | None = None) -> list[float]:
    """Greatest differences of pixels, ids (their number), image vectors and text vectors."""
    target = folder.with_name(f"{folder.name}-pack-{precision}")
    write_manifest(folder, target, precision=precision)
    manifest = read_manifest(target)
    pack = load_pack(target, index_threads=1, search_threads=1, precision="float")
    shown = pictures()
    decoded = [
        decode_photo(_png(image), manifest.image.input, LIMITS, thumbnails=(320,)).pixels
        for image in shown
    ]
    pixels = max(
        float(np.abs(_normalised(manifest, made) - reference.pixels(image)).max())
        for made, image in zip(decoded, shown, strict=True)
    )
    tokenizer = TextTokenizer(target / manifest.text.tokenizer, manifest.text)
    ids = sum(not _same(tokenizer(text).ids[0].tolist(), reference.ids(text)) for text in TEXTS)
    with torch.no_grad():
        images = max(
            float(np.abs(one.embedding - reference.image(image)).max())
            for one, image in zip(pack.image_encoder.encode(np.stack(decoded)), shown, strict=True)
        )
        texts = max(
            float(np.abs(pack.text_encoder.encode(text).embedding - reference.text(text)).max())
            for text in TEXTS
        )
    return [pixels, ids, images, texts]


def _normalised(manifest: Manifest, pixels: np.ndarray) -> np.ndarray:
    part = manifest.image
    if part.type == "uint8":  # the graph does it, as its settings say
        part = part.model_copy(update={"type": "float32", "layout": "nchw"})
    return Normaliser(part)(pixels[None])[0]


def _same(made: list[int], wanted: list[int]) -> bool:
    """The same ids; padding that the probe found to change nothing may be left out."""
    length = min(len(made), len(wanted))
    return made[:length] == wanted[:length] and len(set(made[length:]) | set(wanted[length:])) <= 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="families whose name has this in it")
    parser.add_argument("--keep", type=Path, help="leave the folders here")
    arguments = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    print("| family; layout | pixels | texts with other ids | image vectors | text vectors |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        place = arguments.keep or Path(temporary)
        worst = 0.0
        for number, (name, write) in enumerate(FAMILIES.items()):
            if arguments.only.lower() not in name.lower():
                continue
            torch.manual_seed(number)
            folder = place / write.__name__
            folder.mkdir(parents=True, exist_ok=True)
            pixels, ids, images, texts = compare(folder, write(folder, SENTENCES))
            worst = max(worst, pixels, ids, images, texts)
            other = f"{ids:.0f} of {len(TEXTS)}"
            print(f"| {name} | {pixels:.1e} | {other} | {images:.1e} | {texts:.1e} |", flush=True)
    print(
        f"\nGreatest difference: {worst:.1e}; {'within' if worst <= _CLOSE else 'BEYOND'} {_CLOSE}"
    )


if __name__ == "__main__":
    main()
