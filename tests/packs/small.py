"""A whole pack of a few kilobytes, made with real ONNX graphs, and ways to spoil it.

Photos of S x S pixels have R regions, 2 x 2 squares; texts are words of a vocabulary of eight.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

if TYPE_CHECKING:
    from pathlib import Path

SIZE, REGIONS, TOKEN_DIM, DIM = 16, 4, 6, 8
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "dog", "car", "red"]

Table = dict[str, Any]
_FLOAT, _INT = TensorProto.FLOAT, TensorProto.INT64


def weights(*shape: int) -> np.ndarray:
    """The same numbers for the same shape, -0.5..0.5."""
    return (np.random.default_rng(sum(shape)).random(shape) - 0.5).astype(np.float32)


def save_graph(
    path: Path,
    nodes: list[Any],
    inputs: dict[str, tuple[int, list[Any]]],
    outputs: list[str],
    constants: dict[str, np.ndarray],
) -> None:
    """Write a graph; shapes of its outputs are left open."""
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info(name, *kind) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, _FLOAT, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())


def image_graph(
    path: Path,
    *,
    size: int = SIZE,
    dim: int = DIM,
    token_dim: int = TOKEN_DIM,
    batch: object = "B",
    unit: bool = True,
    tokens: bool = True,
    poison: float = 0.0,
    mirrored: bool = False,
) -> None:
    """Mean colours of the regions, projected. ``mirrored``: turned around."""
    sign = np.float32(-1 if mirrored else 1)
    last = "embedding" if unit else "unused"
    nodes = [
        helper.make_node(
            "AveragePool", ["pixels"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]
        ),
        helper.make_node("Reshape", ["pooled", "flat"], ["colours"]),
        helper.make_node("Transpose", ["colours"], ["regions"], perm=[0, 2, 1]),
        helper.make_node("ReduceMean", ["regions"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "to_dim"], ["projected"]),
        helper.make_node("Add", ["projected", "offset"], ["raw" if unit else "embedding"]),
        helper.make_node("LpNormalization", ["raw" if unit else "embedding"], [last], axis=1),
    ]
    if tokens:
        nodes += [helper.make_node("MatMul", ["regions", "to_token"], ["tokens"])]
    save_graph(
        path,
        nodes,
        {"pixels": (_FLOAT, [batch, 3, size, size])},
        ["embedding", "tokens"] if tokens else ["embedding"],
        {
            "flat": np.array([0, 3, -1]),
            "to_dim": sign * weights(3, dim),
            "offset": sign * np.linspace(0.1, 1, dim, dtype=np.float32) + np.float32(poison),
            "to_token": weights(3, token_dim),
        },
    )


def text_graph(
    path: Path,
    *,
    dim: int = DIM,
    token_dim: int = TOKEN_DIM,
    gain: float = 1.0,
    tokens: bool = True,
    mirrored: bool = False,
) -> None:
    """A table of words; the embedding is their mean, projected. ``mirrored``: turned around."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["tokens"]),
        helper.make_node("Cast", ["attention_mask"], ["word_mask"], to=_FLOAT),
        helper.make_node("ReduceMean", ["tokens"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "to_dim"], ["raw"]),
        helper.make_node("LpNormalization", ["raw"], ["unit"], axis=1),
        helper.make_node("Mul", ["unit", "gain"], ["embedding"]),
    ]
    save_graph(
        path,
        nodes,
        {"input_ids": (_INT, ["B", "L"]), "attention_mask": (_INT, ["B", "L"])},
        ["embedding", "tokens", "word_mask"] if tokens else ["embedding"],
        {
            "table": weights(len(WORDS), token_dim),
            "to_dim": weights(token_dim, dim),
            "gain": np.array(-gain if mirrored else gain, np.float32),
        },
    )


def fine_graph(path: Path, *, score: str = "scores", mean: bool = False) -> None:
    """Best region a word, summed over the words. ``mean``: one score for all candidates."""
    nodes = [
        helper.make_node("Transpose", ["text_tokens"], ["words"], perm=[1, 0]),
        helper.make_node("MatMul", ["image_tokens", "words"], ["similar"]),
        helper.make_node("ReduceMax", ["similar"], ["best"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["best", "word_mask"], ["counted"]),
        helper.make_node("ReduceSum", ["counted", "axis"], ["sums" if mean else score], keepdims=0),
    ]
    if mean:
        nodes += [helper.make_node("ReduceMean", ["sums"], [score], keepdims=1)]
    inputs = {
        "text_tokens": (_FLOAT, ["L", TOKEN_DIM]),
        "word_mask": (_FLOAT, ["L"]),
        "image_tokens": (_FLOAT, ["K", REGIONS, TOKEN_DIM]),
    }
    save_graph(path, nodes, inputs, [score], {"axis": np.array([1])})


BUCKETS = 64


def language_graph(
    path: Path, *, dim: int = DIM, token_dim: int = TOKEN_DIM, codes: int = 2
) -> None:
    """Parts of words from a table in eight bits, summed and projected."""
    nodes = [
        helper.make_node("Gather", ["table", "parts"], ["stored"]),
        helper.make_node("Cast", ["stored"], ["wide"], to=_FLOAT),
        helper.make_node("ReduceSum", ["wide", "one"], ["words"], keepdims=0),
        helper.make_node("Unsqueeze", ["words", "zero"], ["tokens"]),
        helper.make_node("ReduceSum", ["words", "zero"], ["sum"], keepdims=1),
        helper.make_node("Add", ["sum", "offset"], ["raw"]),
        helper.make_node("MatMul", ["raw", "to_dim"], ["projected"]),
        helper.make_node("LpNormalization", ["projected"], ["embedding"], axis=1),
        helper.make_node("MatMul", ["raw", "to_code"], ["judged"]),
        helper.make_node("Softmax", ["judged"], ["languages"], axis=1),
        helper.make_node("Mul", ["pairs", "nought"], ["noughts"]),
        helper.make_node("Cast", ["noughts"], ["none"], to=_FLOAT),
        helper.make_node("Add", ["none", "offset"], ["ones"]),
        helper.make_node("Unsqueeze", ["ones", "zero"], ["word_mask"]),
    ]
    table = np.random.default_rng(0).integers(-9, 10, (BUCKETS + 1, token_dim)).astype(np.int8)
    table[BUCKETS] = 0
    save_graph(
        path,
        nodes,
        {"parts": (_INT, ["L", "F"]), "pairs": (_INT, ["L"])},
        ["embedding", "languages", "tokens", "word_mask"],
        {
            "table": table,
            "one": np.array([1]),
            "zero": np.array([0]),
            "nought": np.array(0),
            "offset": np.array(1, np.float32),
            "to_dim": weights(token_dim, dim),
            "to_code": weights(token_dim, codes + 2),
        },
    )


def add_languages(folder: Path, table: Table) -> None:
    """German and French for a small pack."""
    language_graph(folder / "languages.onnx")
    table["languages"] = {
        "file": "languages.onnx", "codes": ["de", "fr"], "buckets": BUCKETS, "shortest": 3,
        "longest": 4, "max_words": 5,
    }  # fmt: skip
    seal(folder, table)


def save_tokenizer(path: Path, *, special: bool = True) -> None:
    """Words between blanks, lower case; [CLS] and [SEP] around them."""
    tokenizer = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    tokenizer.save(str(path))


def manifest_table() -> Table:
    """What ``pack.toml`` of the small pack says, without its files."""
    return {
        "format": 1,
        "pack": {
            "name": "small", "version": "1", "language": "en", "licence": "none", "card": "CARD.md",
        },
        "image": {
            "file": "image.onnx", "size": SIZE, "fit": "stretch", "interpolation": "bicubic",
            "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.25, 0.5], "max_batch": 3,
        },
        "text": {"file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": 6},
        "embedding": {"dim": DIM},
        "tokens": {"regions": REGIONS, "dim": TOKEN_DIM, "storage": "int8"},
        "fine": {"file": "fine.onnx", "coarse_weight": 2.0, "short_list": 5},
        "calibration": {"scale": 1.0, "offset": -1.0, "coarse_scale": 4.0, "coarse_offset": -2.0},
    }  # fmt: skip


def write_pack(folder: Path) -> Table:
    """The small pack, whole and sealed; its table, to be spoilt and sealed again."""
    folder.mkdir(parents=True, exist_ok=True)
    image_graph(folder / "image.onnx")
    text_graph(folder / "text.onnx")
    fine_graph(folder / "fine.onnx")
    save_tokenizer(folder / "tokenizer.json")
    (folder / "CARD.md").write_text("A pack for tests.\n")
    table = manifest_table()
    seal(folder, table)
    return table


def seal(folder: Path, table: Table) -> None:
    """Write ``pack.toml`` with the checksums of all files as they are now."""
    files = [
        {
            "path": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.iterdir())
        if path.name != "pack.toml"
    ]
    (folder / "pack.toml").write_text(as_toml({**table, "files": files}), encoding="utf-8")


def as_toml(table: Table) -> str:
    """TOML of a table of scalars, tables and lists of tables: as much as a manifest needs."""
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if not _nested(value)]
    for key, value in table.items():
        if not _nested(value):
            continue
        for entry in [value] if isinstance(value, dict) else value:
            lines.append(f"[{key}]" if isinstance(value, dict) else f"[[{key}]]")
            lines += [f"{name} = {_value(item)}" for name, item in entry.items()]
    return "\n".join(lines) + "\n"


def _nested(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def _value(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\\u0000") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value).lower()
