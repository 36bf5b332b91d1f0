"""Every layout becomes a pack whose vectors are those of its graphs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from crispd.errors import PackMismatch
from crispd.packs.foreign import describe, write_manifest
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import Pack, load_pack
from tests.packs.foreign import published
from tests.packs.foreign.published import CONTEXT, DIM, LAYOUTS, MEAN, SIZE, STD

pytestmark = pytest.mark.usefixtures("in_process")

# ids of "a dog" as each layout's text encoder sees them, and how it pools them
A_DOG = {
    "immich": ([2, 4, 5, 3, 0, 0, 0], "mean"),
    "immich_next": ([2, 4, 5, 3, 0, 0, 0], "mean"),
    "transformers_js": ([2, 4, 5, 3], "mean"),
    "siglip": ([2, 4, 5, 3, 7, 7, 7], "last"),
    "joint": ([2, 4, 5, 3], "mean"),
    "pair": ([2, 4, 5, 3, *[0] * 73], "mean"),
}  # fmt: skip


def make(folder: Path, name: str, **more: str) -> Pack:
    LAYOUTS[name](folder / name)
    write_manifest(folder / name, folder / "pack", **more)
    return load_pack(folder / "pack", index_threads=1, search_threads=1)


def pictures(count: int = 5) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, SIZE, SIZE, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_vectors(tmp_path: Path, name: str) -> None:
    pack = make(tmp_path, name)
    openai = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
    mean, std = openai if name == "pair" else (MEAN, STD)
    close = 2e-3 if name == "immich_next" else 1e-5  # float16
    shown = pictures()
    for made, picture in zip(pack.image_encoder.encode(shown), shown, strict=True):
        wanted = published.image_vector(picture, mean, std)
        assert made.embedding == pytest.approx(wanted, abs=close)
        assert np.linalg.norm(made.embedding) == pytest.approx(1, abs=1e-5)
    ids, pool = A_DOG[name]
    assert pack.text_encoder.encode("a dog").embedding == pytest.approx(
        published.text_vector(ids, pool), abs=close
    )


def test_what_is_found_stands_in_the_manifest(tmp_path: Path) -> None:
    manifest = make(tmp_path, "immich").manifest
    assert (manifest.dim, manifest.image.max_batch) == (DIM, 1)
    assert manifest.image.input_name == "image"
    assert (manifest.text.ids_name, manifest.text.id_type) == ("text", "int32")
    assert (manifest.text.mask_name, manifest.text.length) == ("", CONTEXT)
    assert manifest.text.clean == ("basic", "whitespace", "lower")
    assert (manifest.pack.licence, manifest.pack.card) == ("mit", "README.md")
    assert not (tmp_path / "pack/visual/model.armnn").exists()


def test_weights_beside_a_graph_come_with_it(tmp_path: Path) -> None:
    manifest = make(tmp_path, "immich_next").manifest
    assert {"visual/model.onnx.data", "textual/weights"} <= {one.path for one in manifest.files}
    assert (manifest.image.type, manifest.image.layout) == ("uint8", "nhwc")
    assert manifest.image.fit == "squash"


def test_padding_that_changes_nothing_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    published.siglip(folder)
    published.write_json(folder / "config.json", {"model_type": "clip", "text_config": {
        "max_position_embeddings": CONTEXT}})  # fmt: skip
    published.text_graph(folder / "onnx/text_model.onnx", output="pooler_output")  # a mean of all
    write_manifest(folder, folder)
    assert read_manifest(folder).text.length == CONTEXT
    published.text_graph(folder / "onnx/text_model.onnx", output="pooler_output", mask=True)
    (folder / "pack.toml").unlink()
    write_manifest(folder, folder)
    assert read_manifest(folder).text.length == 0


def test_int8_that_agrees_is_the_second_choice_and_one_that_does_not_is_left(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "model"
    published.transformers_js(folder)
    small_graph = folder / "onnx/vision_model_quantized.onnx"
    for gain, kept in ((1.0, True), (-1.0, False)):
        quantised(small_graph, gain)
        write_manifest(folder, folder)
        manifest = read_manifest(folder)
        assert manifest.image.int8_file == ("onnx/vision_model_quantized.onnx" if kept else None)
        (folder / "pack.toml").unlink()
    assert describe(folder).precisions == ("fp32", "int8")
    alone = describe(folder, precision="int8")  # words come in what there is
    assert {one for one in alone.files if one.endswith(".onnx")} == {
        "onnx/vision_model_quantized.onnx", "onnx/text_model.onnx"
    }  # fmt: skip
    both = describe(folder, precision="int8/fp32").table
    assert both["image"]["file"] == "onnx/vision_model_quantized.onnx"
    assert both["text"]["file"] == "onnx/text_model.onnx"
    with pytest.raises(PackMismatch, match=r"no encoder in q4; there is fp32, int8"):
        describe(folder, precision="q4")


def quantised(path: Path, gain: float) -> None:
    """An image encoder with its projection in int8."""
    scale = np.float32(np.abs(published.TO_DIM).max() / 127)
    half = SIZE // 2
    node = helper.make_node
    published.save(
        path,
        [
            node("DequantizeLinear", ["to_dim", "scale", "zero"], ["wide"]),
            node("AveragePool", ["pixel_values"], ["pooled"], kernel_shape=[half, half],
                 strides=[half, half]),
            node("Flatten", ["pooled"], ["flat"]),
            node("MatMul", ["flat", "wide"], ["image_embeds"]),
        ],
        {"pixel_values": ("float32", ["B", 3, SIZE, SIZE])},
        {"image_embeds": ("float32", ["B", DIM])},
        {"to_dim": np.round(gain * published.TO_DIM / scale).astype(np.int8), "scale": scale,
         "zero": np.array(0, np.int8)},
    )  # fmt: skip


def test_a_graph_with_both_towers_is_cut_in_two(tmp_path: Path) -> None:
    manifest = make(tmp_path, "joint").manifest
    assert manifest.image.file == "onnx/model.image.onnx"
    assert manifest.text.file == "onnx/model.text.onnx"
    table = published.TABLE.astype("<f4").tobytes()  # the words
    assert table not in (tmp_path / "pack" / manifest.image.file).read_bytes()
    assert table in (tmp_path / "pack" / manifest.text.file).read_bytes()
    again = make(tmp_path / "again", "joint")
    assert again.id.partition("@")[2] == manifest.id.partition("@")[2]
    write_manifest(tmp_path / "joint", tmp_path / "joint")  # in its own folder
    load_pack(tmp_path / "joint", index_threads=1, search_threads=1)


def test_a_pack_of_our_own_stays_as_it_is(tmp_path: Path, small_folder: Path) -> None:
    write_manifest(small_folder, tmp_path / "pack")
    assert read_manifest(tmp_path / "pack") == read_manifest(small_folder)
    load_pack(tmp_path / "pack", index_threads=1, search_threads=1)


def test_the_version_is_of_the_files(tmp_path: Path) -> None:
    first = make(tmp_path / "1", "immich").id
    assert make(tmp_path / "2", "immich").id == first
    assert make(tmp_path / "3", "siglip").id.partition("@")[2] != first.partition("@")[2]


def test_somebody_may_know_better(tmp_path: Path) -> None:
    published.immich(tmp_path)
    more = {"name": "mine", "licence": "MIT", "languages": ["en", "de"]}
    manifest = read_manifest(write_manifest(tmp_path, tmp_path, **more).parent)
    assert manifest.id.startswith("mine@")
    assert manifest.language_codes == ("en", "de")
    assert manifest.pack.licence == "MIT"


def test_one_language_is_not_many(tmp_path: Path) -> None:
    """What a catalogue says of an English pack leaves spelling as it is."""
    published.immich(tmp_path)
    assert not read_manifest(write_manifest(tmp_path, tmp_path, languages=["en"]).parent).reads_many
    (tmp_path / "pack.toml").unlink()
    many = read_manifest(write_manifest(tmp_path, tmp_path, languages=["en", "*"]).parent)
    assert many.reads_many
    assert many.language_codes == ("en", "*")


def test_a_precision_that_is_only_a_name_is_no_hindrance(tmp_path: Path) -> None:
    """What was chosen by its name is the only one there, whatever its constants are."""
    published.transformers_js(tmp_path)
    assert describe(tmp_path, precision="int8").precisions == ("fp32",)


def test_models_that_are_told_the_language(tmp_path: Path) -> None:
    """NLLB's tokens of languages stand in its vocabulary."""
    published.siglip(tmp_path)
    path = tmp_path / "tokenizer.json"
    said = json.loads(path.read_text())
    said["added_tokens"] = [
        {"id": number, "content": name, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for number, name in ((6, "fra_Latn"), (2, "eng_Latn"))
    ]  # fmt: skip
    path.write_text(json.dumps(said))
    assert describe(tmp_path).table["text"]["language_ids"] == [["en", 2], ["fr", 6]]
