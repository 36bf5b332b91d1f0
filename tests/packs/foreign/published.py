"""Small folders in each layout that is published, made with real ONNX graphs.

A picture's vector is the mean colour of its quarters, projected; a text's is the mean of its words'
rows, or the last row, projected. So both can be told by numpy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.packs import small

SIZE, DIM, WIDE, CONTEXT = 16, 8, 6, 7
MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]
TO_DIM, TABLE = small.weights(12, DIM), small.weights(len(small.WORDS), WIDE)
WORDS_TO_DIM = small.weights(WIDE, DIM)

KINDS = {
    "float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8,
    "int32": TensorProto.INT32, "int64": TensorProto.INT64,
}  # fmt: skip


def save(
    path: Path, nodes: list[Any], inputs: dict[str, tuple[str, list[Any] | None]],
    outputs: dict[str, tuple[str, list[Any] | None]], constants: dict[str, np.ndarray], *,
    external: str = "", domains: tuple[str, ...] = ("",),
) -> None:  # fmt: skip
    """A graph; ``external``: the name of the file beside it that has its constants."""
    path.parent.mkdir(parents=True, exist_ok=True)
    graph = helper.make_graph(
        nodes, "small",
        [helper.make_tensor_value_info(name, KINDS[kind], shape)
         for name, (kind, shape) in inputs.items()],
        [helper.make_tensor_value_info(name, KINDS[kind], shape)
         for name, (kind, shape) in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid(domain, 17 if not domain else 1) for domain in domains]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    if external:
        onnx.save(
            model, path, save_as_external_data=True, location=external, size_threshold=16,
        )  # fmt: skip
    else:
        path.write_bytes(model.SerializeToString())


def image_graph(
    path: Path, *, name: str = "pixel_values", kind: str = "float32", batch: Any = "B",
    output: str = "image_embeds", out_kind: str = "float32", last: bool = False, unit: bool = False,
    dim: int = DIM, poison: float = 0.0, external: str = "", hidden: bool = False,
    to_dim: np.ndarray | None = None, size: Any = SIZE,
) -> None:  # fmt: skip
    """``last``: channels last. ``hidden``: another output of three axes comes first."""
    node = helper.make_node
    nodes = [node("Cast", [name], ["wide"], to=TensorProto.FLOAT)]
    source = "wide"
    if last:
        nodes += [node("Transpose", ["wide"], ["planes"], perm=[0, 3, 1, 2])]
        source = "planes"
    if kind == "uint8":  # what the settings say, folded in
        nodes += [node("Div", [source, "full"], ["x"]), node("Sub", ["x", "mean"], ["centred"]),
                  node("Div", ["centred", "std"], ["normal"])]  # fmt: skip
        source = "normal"
    half = SIZE // 2
    nodes += [
        node("AveragePool", [source], ["pooled"], kernel_shape=[half, half], strides=[half, half]),
        node("Flatten", ["pooled"], ["flat"]),
        node("MatMul", ["flat", "to_dim"], ["vector"]),
        node("Add", ["vector", "poison"], ["poisoned"]),
    ]
    end = "poisoned"
    if unit:
        nodes += [node("LpNormalization", [end], ["unit"], axis=1)]
        end = "unit"
    nodes += [node("Cast", [end], [output], to=KINDS[out_kind])]
    if hidden:
        nodes += [node("Unsqueeze", ["flat", "one"], ["last_hidden_state"])]
    projection = TO_DIM if to_dim is None else to_dim
    shape = [batch, size, size, 3] if last else [batch, 3, size, size]
    outputs: dict[str, Any] = {"last_hidden_state": ("float32", None)} if hidden else {}
    save(
        path, nodes, {name: (kind, shape)}, {**outputs, output: (out_kind, ["B", dim])},
        {
            "full": np.array(255, np.float32), "one": np.array([1]),
            "mean": np.array(MEAN, np.float32).reshape(3, 1, 1),
            "std": np.array(STD, np.float32).reshape(3, 1, 1),
            "to_dim": projection[:, :1].repeat(dim, 1) if dim != DIM else projection,
            "poison": np.array(poison, np.float32),
        }, external=external,
    )  # fmt: skip


def text_graph(
    path: Path, *, name: str = "input_ids", kind: str = "int64", length: Any = "L",
    batch: Any = "B", mask: bool = False, pool: str = "mean", output: str = "text_embeds",
    out_kind: str = "float32", unit: bool = False, external: str = "", zeros: bool = False,
    halves: bool = False,
) -> None:  # fmt: skip
    """``pool``: ``mean`` of all ids or of those under the mask, ``last`` place, ``none`` (all
    outputs of three axes). ``halves``: the vocabulary in float16.
    """
    node = helper.make_node
    nodes = [node("Gather", ["table", name], ["stored"]),
             node("Cast", ["stored"], ["rows"], to=TensorProto.FLOAT)]  # fmt: skip
    inputs: dict[str, Any] = {name: (kind, [batch, length])}
    if mask:
        inputs["attention_mask"] = (kind, [batch, length])
        nodes += [
            node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            node("Unsqueeze", ["mask", "two"], ["column"]),
            node("Mul", ["rows", "column"], ["kept"]),
            node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
            node("ReduceSum", ["column", "one"], ["count"], keepdims=0),
            node("Div", ["sum", "count"], ["pooled"]),
        ]
    elif pool == "last":
        nodes += [node("Gather", ["rows", "end"], ["pooled"], axis=1)]
    else:
        nodes += [node("ReduceMean", ["rows"], ["pooled"], axes=[1], keepdims=0)]
    if zeros:
        inputs["token_type_ids"] = (kind, [batch, length])
        nodes += [node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
                  node("ReduceMax", ["types"], ["greatest"], axes=[1], keepdims=1),
                  node("Add", ["pooled", "greatest"], ["sum_of_types"])]  # fmt: skip
    nodes += [node("MatMul", ["sum_of_types" if zeros else "pooled", "to_dim"], ["vector"])]
    end = "vector"
    if unit:
        nodes += [node("LpNormalization", [end], ["unit"], axis=1)]
        end = "unit"
    shape: list[Any] = ["B", DIM]
    if pool == "none":
        nodes += [node("Unsqueeze", [end, "one"], ["three"])]
        end, shape = "three", ["B", 1, DIM]
    nodes += [node("Cast", [end], [output], to=KINDS[out_kind])]
    save(
        path, nodes, inputs, {output: (out_kind, shape)},
        {
            "table": TABLE.astype(np.float16) if halves else TABLE, "to_dim": WORDS_TO_DIM,
            "one": np.array([1]), "two": np.array([2]), "end": np.array(-1),
        }, external=external,
    )  # fmt: skip


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_clip_tokenizer(path: Path) -> None:
    """Words of the small vocabulary between those that begin and end a text of CLIP."""
    names = {"[CLS]": "<|startoftext|>", "[SEP]": "<|endoftext|>"}
    words = [names.get(word, word) for word in small.WORDS]
    tokenizer = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", 2), ("<|endoftext|>", 3)],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))


PREPROCESS = {
    "size": [SIZE, SIZE], "mean": MEAN, "std": STD, "interpolation": "bicubic",
    "resize_mode": "shortest",
}  # fmt: skip
OPEN_CLIP = {
    "embed_dim": DIM, "vision_cfg": {"image_size": SIZE},
    "text_cfg": {"context_length": CONTEXT, "vocab_size": len(small.WORDS)},
}  # fmt: skip


def immich(folder: Path) -> None:
    """As published: fixed batch, int32 ids of a fixed length, unit vectors."""
    write_json(folder / "config.json", OPEN_CLIP)
    write_json(folder / "visual/preprocess_cfg.json", PREPROCESS)
    image_graph(folder / "visual/model.onnx", name="image", batch=1, output="embedding", unit=True)
    text_graph(folder / "textual/model.onnx", name="text", kind="int32", batch=1, length=CONTEXT,
               output="embedding", unit=True)  # fmt: skip
    write_clip_tokenizer(folder / "textual/tokenizer.json")
    (folder / "visual/model.armnn").write_bytes(b"for others")
    (folder / "README.md").write_text("---\nlanguage:\n- en\nlicense: mit\n---\n# A model\n")


def immich_next(folder: Path) -> None:
    """The next revision: uint8 with mean and std inside, weights beside, vectors in float16."""
    write_json(folder / "config.json", OPEN_CLIP)
    write_json(folder / "visual/preprocess_cfg.json", {**PREPROCESS, "resize_mode": "squash"})
    image_graph(
        folder / "visual/model.onnx",
        name="image",
        kind="uint8",
        last=True,
        output="image_embedding",
        out_kind="float16",
        external="model.onnx.data",
    )
    text_graph(folder / "textual/model.onnx", name="text", kind="int32", length=CONTEXT,
               output="text_embedding", out_kind="float16", external="weights",
               halves=True)  # fmt: skip
    write_clip_tokenizer(folder / "textual/tokenizer.json")


def transformers_js(folder: Path) -> None:
    """Two outputs a tower, a mask, two precisions, of which int8 has a lie in it."""
    write_json(folder / "config.json", {"model_type": "clip", "text_config": {
        "max_position_embeddings": CONTEXT}})  # fmt: skip
    write_json(folder / "preprocessor_config.json", {
        "size": {"shortest_edge": SIZE}, "crop_size": {"height": SIZE, "width": SIZE},
        "resample": 2, "image_mean": MEAN, "image_std": STD, "rescale_factor": 1 / 255,
    })  # fmt: skip
    image_graph(folder / "onnx/vision_model.onnx", hidden=True)
    text_graph(folder / "onnx/text_model.onnx", mask=True, zeros=True)
    small.save_tokenizer(folder / "tokenizer.json")
    write_json(folder / "tokenizer_config.json", {"model_max_length": CONTEXT})


def siglip(folder: Path) -> None:
    """The last place is pooled, so that every text has to be padded, with what the file says."""
    write_json(folder / "config.json", {"model_type": "siglip", "text_config": {
        "max_position_embeddings": CONTEXT}})  # fmt: skip
    write_json(folder / "preprocessor_config.json", {
        "size": {"height": SIZE, "width": SIZE}, "resample": 3, "image_mean": MEAN,
        "image_std": STD, "rescale_factor": 1 / 255,
    })  # fmt: skip
    image_graph(folder / "onnx/vision_model.onnx", hidden=True, output="pooler_output")
    text_graph(folder / "onnx/text_model.onnx", pool="last", output="pooler_output")
    small.save_tokenizer(folder / "tokenizer.json")
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "SiglipTokenizer", "pad_token": "red", "model_max_length": 10**30,
    })  # fmt: skip


def pair(folder: Path) -> None:
    """Two graphs with inputs and outputs of any name, and CLIP's vocabulary in its oldest form."""
    image_graph(folder / "visual.onnx", name="input", output="output", size=SIZE)
    text_graph(folder / "textual.onnx", name="input", kind="int32", length="L", output="output")
    words = {"<|startoftext|>": 2, "<|endoftext|>": 3, "a</w>": 4, "d": 0, "o": 1, "g</w>": 6,
             "do": 7, "dog</w>": 5}  # fmt: skip
    write_json(folder / "vocab.json", words)
    (folder / "merges.txt").write_text("#version: 0.2\nd o\ndo g</w>\n")


def joint(folder: Path) -> None:
    """Optimum's single graph: both towers, and what they say of each other."""
    transformers_js(folder)
    parts = []
    for name in ("vision", "text"):
        path = folder / f"onnx/{name}_model.onnx"
        parts.append(onnx.compose.add_prefix(onnx.load(path), name, rename_inputs=False,
                                             rename_outputs=False).graph)  # fmt: skip
        path.unlink()
    nodes = [node for part in parts for node in part.node]
    nodes += [
        helper.make_node("Transpose", ["text_embeds"], ["texts"], perm=[1, 0]),
        helper.make_node("MatMul", ["image_embeds", "texts"], ["logits_per_image"]),
    ]
    logits = helper.make_tensor_value_info("logits_per_image", TensorProto.FLOAT, ["I", "T"])
    graph = helper.make_graph(
        nodes, "both", [port for part in reversed(parts) for port in part.input],
        [logits, *(port for part in parts for port in part.output)],
        [constant for part in parts for constant in part.initializer],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (folder / "onnx/model.onnx").write_bytes(model.SerializeToString())


LAYOUTS = {
    "immich": immich, "immich_next": immich_next, "transformers_js": transformers_js,
    "siglip": siglip, "pair": pair, "joint": joint,
}  # fmt: skip


def image_vector(pixels: np.ndarray, mean: list[float], std: list[float]) -> np.ndarray:
    """What the graph gives of uint8 [SIZE, SIZE, 3], of length 1."""
    planes = ((pixels / 255 - mean) / std).transpose(2, 0, 1)
    half = SIZE // 2
    pooled = planes.reshape(3, 2, half, 2, half).mean((2, 4)).reshape(-1)
    return unit(pooled @ TO_DIM)


def text_vector(ids: list[int], pool: str = "mean") -> np.ndarray:
    """The same of ids."""
    rows = TABLE[ids]
    return unit((rows[-1] if pool == "last" else rows.mean(0)) @ WORDS_TO_DIM)


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
