"""Numbers that tests compare with: what the libraries make of texts and pictures.

``python -m benchmarks.ranking.parity.expected > tests/packs/foreign/expected.json``
"""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from benchmarks.ranking.parity.families import transformers

from open_clip.tokenizer import get_clean_fn  # isort: skip
from open_clip.transform import PreprocessCfg, image_transform_v2  # isort: skip

TEXTS = [
    "A Dog  running on the BEACH!", "man’s best friend", "salt &amp;amp; pepper", "&lt;b&gt;",
    "“two” children, playing...", "une fête d'été", "e\u0301te\u0301", "snake_case, 3 cats",
    "ﬁne ﬂowers", "ｆｕｌｌ　ｗｉｄｔｈ！", "a\u2028b\r\nc", "bell\x07 and \x1b[31mred",
    "\ufeffmark",
    "it's 10:30 — café…", "Straße İstanbul", "  ", "🐕 & 🐈", "“„‚‘’‛‟”",
]  # fmt: skip
SIZES = [(61, 40), (40, 61), (33, 32), (32, 32), (97, 34)]
SIZE = 32


def picture(width: int, height: int) -> Image.Image:
    """The same in the test."""
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    planes = [across * 7 % 256, down * 5 % 256, across * down % 256]
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8))


def main() -> None:
    clean = {
        name: {text: get_clean_fn(name)(text) for text in TEXTS}
        for name in ("lower", "whitespace", "canonicalize")
    }
    pixels = []
    for width, height in SIZES:
        image = picture(width, height)
        for mode in ("bicubic", "bilinear"):
            for fit in ("shortest", "squash"):
                transform = image_transform_v2(PreprocessCfg(
                    size=(SIZE, SIZE), mean=(0, 0, 0), std=(1, 1, 1), interpolation=mode,
                    resize_mode=fit,
                ), is_train=False)  # fmt: skip
                made = (transform(image).numpy().transpose(1, 2, 0) * 255).round().astype(int)
                pixels.append([width, height, mode, fit, "even", 0, _sample(made)])
        for short in (SIZE, SIZE + 9):
            processor = transformers.CLIPImageProcessorPil(
                size={"shortest_edge": short}, crop_size={"height": SIZE, "width": SIZE},
                do_normalize=False, do_rescale=False,
            )  # fmt: skip
            made = processor(image, return_tensors="np")["pixel_values"][0].transpose(1, 2, 0)
            row = [width, height, "bicubic", "shortest", "down", short, _sample(made.astype(int))]
            pixels.append(row)
    print(json.dumps({"clean": clean, "pixels": pixels}, ensure_ascii=False, indent=1))


def _sample(made: np.ndarray) -> list[int]:
    return [int(made.sum()), *made[::9, ::9].reshape(-1).tolist()]


if __name__ == "__main__":
    main()
