"""Folders with cross-encoders, made of real ONNX graphs: over features, over pixels, and the fine
stage of the bundled pack as one.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import compose, helper

from crispd.packs.locate import find_pack
from tests.packs import small
from tests.packs.foreign import published

WIDE = published.WIDE
node = helper.make_node


def settings(folder: Path, size: int, **said: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    small.save_tokenizer(folder / "tokenizer.json")
    usual = {"mean": published.MEAN, "std": published.STD, "interpolation": "bilinear"}
    table = {"size": size, "resize_mode": "squash", **usual, **said}
    (folder / "preprocess_cfg.json").write_text(json.dumps(table))


def over_features(folder: Path, sign: float = 1.0, regions: str | int = "R") -> Path:
    """As an image-text matching head of BLIP: two logits of words and features of regions."""
    settings(folder, 16)
    published.save(
        folder / "vision_model.onnx",
        [
            node("AveragePool", ["pixel_values"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
            node("Reshape", ["pooled", "flat"], ["colours"]),
            node("Transpose", ["colours"], ["regions"], perm=[0, 2, 1]),
            node("MatMul", ["regions", "to_wide"], ["last_hidden_state"]),
        ],
        {"pixel_values": ("float32", ["B", 3, 16, 16])},
        {"last_hidden_state": ("float32", ["B", regions, WIDE])},
        {"flat": np.array([0, 3, -1]), "to_wide": small.weights(3, WIDE)},
    )
    published.save(
        folder / "itm_model.onnx",
        [
            node("Gather", ["table", "input_ids"], ["words"]),
            node("Cast", ["attention_mask"], ["mask"], to=onnx.TensorProto.FLOAT),
            node("Cast", ["encoder_attention_mask"], ["there"], to=onnx.TensorProto.FLOAT),
            node("ReduceMean", ["there"], ["one"], axes=[1], keepdims=0),
            node("Transpose", ["encoder_hidden_states"], ["turned"], perm=[0, 2, 1]),
            node("MatMul", ["words", "turned"], ["similar"]),
            node("ReduceMax", ["similar"], ["best"], axes=[2], keepdims=0),
            node("Mul", ["best", "mask"], ["counted"]),
            node("ReduceSum", ["counted", "axis"], ["sum"], keepdims=0),
            node("Mul", ["sum", "one"], ["fits"]),
            node("Mul", ["fits", "sign"], ["signed"]),
            node("Neg", ["signed"], ["not"]),
            node("Unsqueeze", ["signed", "axis"], ["right"]),
            node("Unsqueeze", ["not", "axis"], ["left"]),
            node("Concat", ["left", "right"], ["itm_score"], axis=1),
        ],
        {
            "input_ids": ("int64", ["B", "L"]), "attention_mask": ("int64", ["B", "L"]),
            "encoder_hidden_states": ("float32", ["B", "R", WIDE]),
            "encoder_attention_mask": ("int64", ["B", "R"]),
        },
        {"itm_score": ("float32", ["B", 2])},
        {
            "table": small.weights(len(small.WORDS), WIDE), "axis": np.array([1]),
            "sign": np.array(sign, np.float32),
        },
    )  # fmt: skip
    return folder


def over_pixels(folder: Path) -> Path:
    """One logit of a text and one photo, as a graph with a fixed batch has it."""
    settings(folder, 16)
    published.save(
        folder / "model.onnx",
        [
            node("Gather", ["table", "text"], ["words"]),
            node("ReduceMean", ["words"], ["mean"], axes=[1], keepdims=0),
            node("AveragePool", ["image"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
            node("Flatten", ["pooled"], ["flat"]),
            node("MatMul", ["flat", "to_wide"], ["photo"]),
            node("Mul", ["photo", "mean"], ["both"]),
            node("ReduceSum", ["both", "axis"], ["logit"], keepdims=1),
        ],
        {"text": ("int32", [1, 7]), "image": ("float32", [1, 3, 16, 16])},
        {"logit": ("float32", [1, 1])},
        {
            "table": small.weights(len(small.WORDS), WIDE),
            "to_wide": small.weights(12, WIDE),
            "axis": np.array([1]),
        },
    )
    return folder


def of_mini(folder: Path) -> Path:
    """Its text encoder and its fine model as one graph over the region tokens of a photo."""
    # copied: onnx.load takes no constants from files that a running crispd has a second name for
    mini = Path(shutil.copytree(find_pack("mini"), folder / "mini"))
    settings(folder, 224, mean=[0.498] * 3, std=[0.502] * 3, interpolation="bicubic")
    shutil.copyfile(mini / "tokenizer.json", folder / "tokenizer.json")
    words = compose.add_prefix(onnx.load(mini / "text.onnx"), "t_")
    fine = compose.add_prefix(onnx.load(mini / "fine.onnx"), "f_")
    version = max(model.opset_import[0].version for model in (words, fine))
    assert {words.opset_import[0].version, fine.opset_import[0].version} == {version}
    graph = words.graph
    axis = onnx.numpy_helper.from_array(np.array([0]), "first_axis")
    graph.initializer.append(axis)
    graph.node.append(node("Squeeze", ["t_tokens", "first_axis"], ["f_text_tokens"]))
    graph.node.append(node("Squeeze", ["t_word_mask", "first_axis"], ["f_word_mask"]))
    graph.node.extend(fine.graph.node)
    graph.initializer.extend(fine.graph.initializer)
    ports = [one for one in fine.graph.input if one.name == "f_image_tokens"]
    for port in graph.input:  # the words of one text, whatever the number of photos
        port.type.tensor_type.shape.dim[0].Clear()
        port.type.tensor_type.shape.dim[0].dim_value = 1
    graph.input.extend(ports)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("f_scores", onnx.TensorProto.FLOAT, ["K"]))
    onnx.save(words, folder / "cross.onnx", save_as_external_data=True, location="cross.weights")
    image = onnx.load(mini / "image.onnx")
    kept = [one for one in image.graph.output if one.name == "tokens"]
    del image.graph.output[:]
    image.graph.output.extend(kept)
    onnx.save(image, folder / "image.onnx", save_as_external_data=True, location="image.weights")
    shutil.rmtree(mini)
    return folder
