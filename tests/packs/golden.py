"""What the bundled pack gave when it was made: ``python -m tests.packs.golden`` writes it anew.

Made once on the machine that trained the pack and compared on every other one: a changed graph,
a changed preprocessing and an onnxruntime that computes something else all show.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from crispd.evaluation.encoded import EncodedLibrary, encode_library
from crispd.packs.pack import Pack, load_pack
from crispd.search.relevance.probability import RelevanceProbability
from crispd.types import DecodeLimits, EncodedText

PACK = Path(__file__).parents[2] / "models" / "mini"
ALBUM = Path(__file__).parents[2] / "crispd" / "sample_album"
FILE = Path(__file__).with_name("golden_mini.json")
TEXTS = ("a dog", "a car", "two children play in the snow", "Königsberg, 1944!")
_SHOWN = 16  # components of each vector; the products below cover the others


def pictures(size: int) -> np.ndarray:
    """Three pictures uint8 [3, size, size, 3] that are the same on every machine."""
    y, x = np.mgrid[0:size, 0:size]
    slope = np.stack([x, y, x + y], axis=-1) * 255 // (2 * size)
    board = ((x // 16 + y // 16) % 2 * 255)[..., None] * np.array([1, 0.5, 0.25])
    rings = 127 + 127 * np.sin(np.hypot(x - size / 2, y - size / 2) / 6)
    flat = [slope, board, np.stack([rings, rings, 255 - rings], axis=-1)]
    return np.stack(flat).astype(np.uint8)


def compute(pack: Pack) -> dict[str, Any]:
    """Vectors, coarse products [text][picture] and fine scores [text][picture]."""
    photos = pack.image_encoder.encode(pictures(pack.image_input.size))
    texts = [pack.text_encoder.encode(text) for text in TEXTS]
    image = np.stack([photo.embedding for photo in photos])
    text = np.stack([encoded.embedding for encoded in texts])
    answer = {
        "image": image[:, :_SHOWN].tolist(),
        "text": text[:, :_SHOWN].tolist(),
        "coarse": (text @ image.T).tolist(),
        "among_images": (image @ image.T).tolist(),
        "among_texts": (text @ text.T).tolist(),
    }
    if pack.reranker is not None:
        stored = [photo.tokens or b"" for photo in photos]
        answer["fine"] = [pack.reranker.score(encoded, stored).tolist() for encoded in texts]
        if pack.relevance is not None:
            weight = pack.reranker.coarse_weight
            answer["relevance"] = [
                _probabilities(RelevanceProbability(pack.relevance), encoded, image, weight, fine)
                for encoded, fine in zip(texts, answer["fine"], strict=True)
            ]
    return answer


def _probabilities(
    judge: RelevanceProbability,
    text: EncodedText,
    image: np.ndarray,
    weight: float,
    fine: list[float],
) -> list[list[float]]:
    """Of each picture: as it was re-ranked, and by its coarse score alone."""
    background = judge.background(text.embedding, image, text.words, text.share)
    coarse = image @ text.embedding
    final = np.array(fine, np.float32) + weight * coarse
    unknown = np.full_like(final, np.nan)
    return [judge.judge(background, coarse, part).tolist() for part in (final, unknown)]


def files_of(pack: Pack) -> dict[str, str]:
    """What the golden file belongs to."""
    used = pack.manifest.used_files
    return {file.path: file.sha256 for file in pack.manifest.files if file.path in used}


@cache
def load() -> Pack:
    """The bundled pack with its float graphs: int8 ones round as the processor likes.

    Once for all tests of a worker, as the two below: each takes a second of a processor.
    """
    return load_pack(PACK, index_threads=1, search_threads=1, precision="float")


@cache
def shipped() -> Pack:
    """The bundled pack as a service opens it."""
    return load_pack(PACK, index_threads=1, search_threads=1)


@cache
def album() -> tuple[list[Path], EncodedLibrary]:
    """The photos of the sample album, and what the pack that ships sees in them."""
    paths = sorted(ALBUM.glob("*.jpg"))
    limits = DecodeLimits(max_pixels=10**8, max_bytes=10**8)
    return paths, encode_library(paths, shipped(), limits, 320, lambda _count: None)


def main() -> None:
    """Write the golden file."""
    pack = load()
    golden = {"pack": pack.id, "files": files_of(pack), **_rounded(compute(pack))}
    FILE.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 6)


if __name__ == "__main__":
    main()
