"""Which files of a listing a pack needs."""

from __future__ import annotations

import pytest

from crispd.packs.foreign import wanted_files

TRANSFORMERS_JS = [
    ".gitattributes", "README.md", "config.json", "preprocessor_config.json", "tokenizer.json",
    "tokenizer_config.json", "vocab.json", "merges.txt", "quantize_config.json",
    *(
        f"onnx/{tower}{tag}.onnx"
        for tower in ("model", "text_model", "vision_model")
        for tag in ("", "_fp16", "_int8", "_uint8", "_quantized", "_q4", "_bnb4")
    ),
]  # fmt: skip
IMMICH = [
    "config.json", "README.md", "visual/model.onnx", "visual/preprocess_cfg.json",
    "visual/model.armnn", "visual/rknpu/rk3588/model.rknn", "textual/model.onnx",
    "textual/tokenizer.json", "textual/tokenizer_config.json", "textual/onnx__MatMul_7",
]  # fmt: skip


def graphs(names: tuple[str, ...]) -> set[str]:
    return {name for name in names if name.startswith("onnx/")}


def test_towers_come_apart_in_float_and_in_int8_and_the_settings_with_them() -> None:
    found = wanted_files(TRANSFORMERS_JS)
    assert graphs(found) == {
        f"onnx/{tower}_model{tag}.onnx"
        for tower in ("text", "vision")
        for tag in ("", "_quantized")
    }
    assert {"config.json", "tokenizer.json", "README.md"} <= set(found)
    assert ".gitattributes" not in found


@pytest.mark.parametrize(("precision", "tag"), [("fp16", "_fp16"), ("q4", "_q4"), ("fp32", "")])
def test_one_precision_is_one_file_a_tower(precision: str, tag: str) -> None:
    found = wanted_files(TRANSFORMERS_JS, precision=precision)
    assert graphs(found) == {f"onnx/text_model{tag}.onnx", f"onnx/vision_model{tag}.onnx"}


def test_each_tower_may_have_its_own_precision() -> None:
    found = graphs(wanted_files(TRANSFORMERS_JS, precision="fp16/int8"))
    assert len(found) == 2
    assert any("vision" in name and "fp16" in name for name in found)
    assert any("text" in name and "fp16" not in name for name in found)


def test_constants_come_with_the_graph_that_was_chosen_and_with_no_other() -> None:
    names = [
        "onnx/vision_model.onnx", "onnx/vision_model.onnx_data", "onnx/vision_model_fp16.onnx",
        "onnx/vision_model_fp16.onnx_data", "onnx/text_model.onnx", "config.json",
    ]  # fmt: skip
    assert graphs(wanted_files(names, precision="fp16")) == {
        "onnx/vision_model_fp16.onnx", "onnx/vision_model_fp16.onnx_data", "onnx/text_model.onnx",
    }  # fmt: skip
    assert "onnx/vision_model.onnx_data" in wanted_files(names, precision="fp32")


def test_what_other_runtimes_read_stays_and_stray_constants_come() -> None:
    found = set(wanted_files(IMMICH))
    assert found == set(IMMICH) - {"visual/model.armnn", "visual/rknpu/rk3588/model.rknn"}


def test_of_our_own_format_everything_comes() -> None:
    names = ["pack.toml", "image.onnx", "image.weights", "words.txt", ".git/config"]
    assert set(wanted_files(names)) == set(names) - {".git/config"}
