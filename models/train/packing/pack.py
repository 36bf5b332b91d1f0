"""The folder of a pack: graphs, tokenizer, manifest, card."""

from __future__ import annotations

import json
from pathlib import Path

from train.data.photos import MAX_TOKENS
from train.data.pictures import PARTS
from train.fine.network import TOKEN_DIM, TOKENS
from train.packing.sums import sums
from train.pools.balance import EMBEDDING_DIM
from train.running.atomic import copied, rewrite
from train.towers.networks import IMAGE_MEAN, IMAGE_STD, text_folder

_COARSE = """format = 1

[pack]
name = "{name}"
version = "{version}"
language = "en"
licence = "{licence}"
card = "CARD.md"

[image]
file = "image.onnx"
{int8}size = 224
fit = "stretch"
interpolation = "bicubic"
mean = [{mean}, {mean}, {mean}]
std = [{std}, {std}, {std}]
max_batch = 16

[text]
file = "text.onnx"
{int8_text}tokenizer = "tokenizer.json"
max_tokens = {max_tokens}
{words}
[embedding]
dim = {dim}
"""
_INT8 = """int8_file = "image.int8.onnx"
int8_in_16_bits = true
"""
_FINE = """
[tokens]
regions = {regions}
dim = {token_dim}
storage = "int8"

[fine]
file = "fine.onnx"
coarse_weight = {weight}
short_list = {short_list}
"""
_CALIBRATION = """
[calibration]
scale = {scale}
offset = {offset}
coarse_scale = {coarse_scale}
coarse_offset = {coarse_offset}
"""
_PICTURES = """
[pictures]
parts = {parts}
scale = {picture_scale}
offset = {picture_offset}
beside_words = 0.4
"""
LICENCE = (
    "Apache-2.0 for the recipe and the base weights; trained on photos and captions for research "
    "use, see the card"
)


def write_tokenizer(folder: Path) -> None:
    """MiniLM's tokenizer, without the padding and truncation that the runtime does by itself."""
    table = json.loads((text_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    table["padding"] = table["truncation"] = None
    (folder / "tokenizer.json").write_text(
        json.dumps(table, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )


def write_manifest(
    folder: Path, *, name: str, version: str, licence: str, constants: dict[str, float]
) -> None:
    """``pack.toml`` with a checksum of every other file in the folder.

    ``constants``: of the calibration and, where there is a fine model, ``weight`` and
    ``short_list``; where photos are compared by their own curve, that.
    """
    names = {path.name for path in folder.iterdir()}
    parts = [_COARSE, *([_FINE] if "fine.onnx" in names else []), _CALIBRATION]
    parts += [_PICTURES] if "picture_scale" in constants else []
    text = "".join(parts).format(
        name=name, version=version, licence=licence, mean=IMAGE_MEAN, std=IMAGE_STD,
        int8=_INT8 if "image.int8.onnx" in names else "",
        int8_text='int8_file = "text.int8.onnx"\n' if "text.int8.onnx" in names else "",
        words='words = "words.txt"\n' if "words.txt" in names else "",
        max_tokens=MAX_TOKENS, dim=EMBEDDING_DIM, regions=TOKENS, token_dim=TOKEN_DIM,
        parts=[list(part) for part in PARTS],
        **constants,
    )  # fmt: skip
    rewrite(folder / "pack.toml", text + sums(folder))


def swap_in(made: Path, final: Path) -> None:
    """Put a finished pack in place of the old one."""
    final.mkdir(parents=True, exist_ok=True)
    for old in final.iterdir():
        if not (made / old.name).exists():
            old.unlink()
    # the manifest last: until it is there, the old checksums refuse the new files
    for path in sorted(made.iterdir(), key=lambda p: p.name == "pack.toml"):
        copied(path, final / path.name)
