"""``pack.toml``: what it may say, and what is said of one that is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.constants.relevance_model import read_question, read_relevance
from crispd.packs.manifest import read_manifest
from crispd.types import ImageInput, LogitWeights
from tests.packs import small

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]


def test_everything_is_read(small_folder: Path) -> None:
    manifest = read_manifest(small_folder)
    assert manifest.id == "small@1"
    assert manifest.image.input == ImageInput(16, "stretch", "bicubic")
    assert manifest.image.std == (0.5, 0.25, 0.5)
    assert manifest.tokens is not None
    assert (manifest.tokens.regions, manifest.tokens.dim, manifest.tokens.storage) == (4, 6, "int8")
    assert manifest.fine is not None
    assert (manifest.fine.coarse_weight, manifest.fine.short_list) == (2.0, 5)
    assert len(manifest.files) == 5
    assert manifest.used_files == ("image.onnx", "text.onnx", "tokenizer.json", "fine.onnx")


def test_the_documented_example_is_a_manifest(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "packs.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert block is not None
    example = block[1].replace('sha256 = "…"', f'sha256 = "{"0" * 64}"')
    (tmp_path / "pack.toml").write_text(example, encoding="utf-8")
    assert read_manifest(tmp_path).pack.name == "mini"


def test_a_pack_needs_neither_tokens_nor_a_fine_stage(folder: Path) -> None:
    table = small.manifest_table()
    del table["fine"], table["tokens"]
    small.seal(folder, table)
    manifest = read_manifest(folder)
    assert manifest.fine is None
    assert manifest.tokens is None


def test_int8_that_fits_in_16_bits(folder: Path) -> None:
    table = small.manifest_table()
    table["image"]["int8_in_16_bits"] = True
    small.seal(folder, table)
    manifest = read_manifest(folder)
    assert manifest.image.int8_in_16_bits
    assert not manifest.text.int8_in_16_bits


def put(part: str, key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table[part][key] = value

    change.__name__ = f"{part}-{key}-{value!r}"
    return change


RELEVANCE = {
    "background": "background.npy", "photos": 100, "fine": [0.2, 1.0, 2.0, -9.0],
    "coarse": [20.0, 1.0, 2.0, -5.0], "likely": 0.25, "maybe": 0.1,
}  # fmt: skip


def relevance(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table["relevance"] = {**RELEVANCE, key: value}

    change.__name__ = f"relevance-{key}-{value!r}"
    return change


def test_relevance_is_read_where_it_is_given(folder: Path) -> None:
    table = small.manifest_table()
    assert read_manifest(folder).relevance is None
    np.save(folder / "background.npy", np.ones((3, small.DIM), np.float16))
    table["relevance"] = RELEVANCE
    small.seal(folder, table)
    manifest = read_manifest(folder)
    assert manifest.relevance is not None
    assert manifest.relevance.fine == (0.2, 1.0, 2.0, -9.0)
    assert (manifest.relevance.library, manifest.relevance.small) == (1, 0.0)
    table["relevance"] = {**RELEVANCE, "fine": [0.2, 1, 2, -9, 0.5], "library": 420, "small": 0.8}
    small.seal(folder, table)
    later = read_manifest(folder).relevance
    assert later is not None
    assert (later.fine, later.library, later.small) == ((0.2, 1, 2, -9, 0.5), 420, 0.8)
    assert "background.npy" in manifest.used_files
    model = read_relevance(folder, read_manifest(folder))
    assert model.fine == LogitWeights(0.2, 1.0, 2.0, -9.0, words=0.5)
    assert model.reference.shape == (3, small.DIM)
    assert (model.likely, model.maybe, model.photos) == (0.25, 0.1, 100)


QUESTION = {
    "captions": [0, 2], "classes": [2, 4], "share": [0.0, 0.0, 0.0, 0.0], "trust": [2.5, 2.0, 1.0],
}  # fmt: skip


def question(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table["relevance"] = RELEVANCE
        table["question"] = {**QUESTION, key: value}

    change.__name__ = f"question-{key}-{value!r}"
    return change


def test_question_is_read_where_it_is_given(folder: Path) -> None:
    table = small.manifest_table()
    assert read_manifest(folder).question is None
    assert read_question(folder, read_manifest(folder)) is None
    np.save(folder / "background.npy", np.ones((3, small.DIM), np.float16))
    table["relevance"], table["question"] = RELEVANCE, QUESTION
    small.seal(folder, table)
    manifest = read_manifest(folder)
    assert manifest.question is not None
    assert (manifest.question.captions, manifest.question.classes) == ((0, 2), (2, 4))
    assert read_question(folder, manifest) is not None


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.ones((3, small.DIM + 1), np.float32), "rows of"),
        (np.ones((1, small.DIM), np.float32), "two rows or more"),
        (np.full((3, small.DIM), np.nan, np.float32), "finite numbers"),
        (np.array([{}], dtype=object), "cannot be read"),
    ],
)
def test_a_background_that_is_none_is_named(folder: Path, array: Any, says: str) -> None:
    table = small.manifest_table()
    np.save(folder / "background.npy", array)
    table["relevance"] = RELEVANCE
    small.seal(folder, table)
    with pytest.raises(PackCorrupt, match=says):
        read_relevance(folder, read_manifest(folder))


PICTURES = {"parts": [[0, 4, 1.0]], "scale": 7.0, "offset": -5.0, "beside_words": 0.4}
LANGUAGES = {
    "file": "languages.onnx", "codes": ["de"], "buckets": 9, "shortest": 3, "longest": 5,
    "max_words": 32,
}  # fmt: skip


def pictures(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table["pictures"] = {**PICTURES, key: value}

    change.__name__ = f"pictures-{key}-{value!r}"
    return change


def languages(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table["languages"] = {**LANGUAGES, key: value}

    change.__name__ = f"languages-{key}-{value!r}"
    return change


def whole(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table[key] = value

    change.__name__ = f"{key}-{value!r}"
    return change


def drop(part: str, key: str | None = None) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        if key is None:
            del table[part]
        else:
            del table[part][key]

    change.__name__ = f"without-{part}-{key}"
    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("image", "size", 0), r"\[image\]: size is 0; a number above 0"),
        (put("image", "size", "16"), r"\[image\]: size is '16'; a whole number"),
        (put("image", "size", True), r"size is True; a whole number"),
        (put("image", "int8_in_16_bits", 1), r"int8_in_16_bits is 1; true or false"),
        (put("image", "fit", "fill"), r"fit is 'fill'; one of stretch, cover"),
        (put("image", "interpolation", "lanczos4"), r"one of bicubic, bilinear"),
        (put("image", "mean", [0.5, 0.5]), r"mean is \[0.5, 0.5\]; three numbers"),
        (put("image", "std", [0.5, 0, 0.5]), r"std is .*; numbers above 0"),
        (put("image", "max_batch", -1), r"max_batch is -1"),
        (put("image", "file", "../image.onnx"), r"file is '../image.onnx'; a file inside the pack"),
        (put("image", "file", "/etc/passwd"), r"a file inside the pack"),
        (put("image", "file", "."), r"a file inside the pack"),
        (put("text", "tokenizer", "a/../../b"), r"tokenizer is .*a file inside the pack"),
        (put("text", "tokenizer", "a\0b"), r"tokenizer is .*a file inside the pack"),
        (put("fine", "file", ""), r"\[fine\]: file is ''; a file inside"),
        (put("fine", "coarse_weight", float("nan")), r"coarse_weight is nan; a number"),
        (put("fine", "coarse_weight", True), r"coarse_weight is True; a number"),
        (put("tokens", "storage", "int4"), r"storage is 'int4'; one of int8, float16"),
        (put("calibration", "scale", -1), r"\[calibration\]: scale is -1; a number above 0"),
        (put("calibration", "coarse_scale", 0), r"coarse_scale is 0; a number above 0"),
        (relevance("likely", 1.5), r"\[relevance\]: likely is 1.5; a probability above 0"),
        (relevance("maybe", 0.3), r"\[relevance\]: maybe is 0.3; a number not above likely"),
        (
            relevance("languages_gain", 0.0),
            r"\[relevance\]: languages_gain is 0.0; 0.5 to 2 is expected",
        ),
        (relevance("fine", [1, 2]), r"fine is \[1, 2\]; four, five, six or seven numbers"),
        (relevance("coarse", [0, 1, 1, 1]), r"coarse is .*; a first number above 0"),
        (relevance("fine", [0.2, 1, 1, 1, 0, 0, -0.1]), r"fine is .*never brings to 0"),
        (relevance("library", 0), r"library is 0; a number above 0"),
        (relevance("small", -0.1), r"small is -0.1; a number of 0 or more"),
        (relevance("photos", 0), r"photos is 0; a number above 0"),
        (relevance("background", "../b.npy"), r"background is .*a file inside the pack"),
        (question("classes", [2, 99]), r"\[question\]: classes is .*\[from, to\] within 0 to"),
        (question("captions", [1.5, 2]), r"captions is .*\[from, to\]"),
        (question("share", [1, 2, 3]), r"share is \[1, 2, 3\]; four numbers"),
        (question("trust", [0, 1, 1]), r"trust is \[0, 1, 1\]; numbers above 0, and of 0 or more"),
        (question("share", [1, 2, 3, "x"]), r"share is .*; four numbers are expected"),
        (question("captions", [2, 2]), r"\[question\]: captions is \[2, 2\]; \[from, to\] within"),
        (pictures("parts", [[0, 99, 1.0]]), r"\[pictures\]: parts is .* within 0 to 8"),
        (pictures("parts", [[0, 4]]), r"parts is \[\[0, 4\]\]; .*\[from, to, weight\]"),
        (pictures("parts", [[0, 4, 0]]), r"parts is .*\[from, to, weight\] within"),
        (pictures("parts", []), r"parts is \[\]; at least one"),
        (pictures("parts", 3), r"parts is 3; a list of \[from, to, weight\]"),
        (pictures("beside_words", 0), r"beside_words is 0; a number above 0"),
        (languages("codes", []), r"\[languages\]: codes is \[\]; a list of languages is expected"),
        (languages("codes", ["de", 3]), r"codes is \['de', 3\]; a list of languages"),
        (languages("codes", ["de", " "]), r"codes is \['de', ' '\]; a list of languages"),
        (languages("longest", 2), r"longest is 2; a number not below shortest"),
        (whole("image", 3), r"pack.toml: image is 3; a table is expected"),
        (whole("format", 0), r"pack.toml: format is 0; a number above 0"),
        (put("pack", "name", " "), r"\[pack\]: name is ' '; a text"),
        (put("pack", "version", 1), r"version is 1; a text"),
        (drop("embedding", "dim"), r"\[embedding\]: dim is missing; a whole number"),
        (drop("calibration"), r"calibration is missing; a table"),
        (drop("tokens"), r"\[fine\] needs \[tokens\]"),
        (drop("format"), r"format is missing"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_wrong_is_named(
    folder: Path, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    table = small.manifest_table()
    change(table)
    small.seal(folder, table)
    with pytest.raises(PackCorrupt, match=says) as caught:
        read_manifest(folder)
    assert str(folder / "pack.toml") in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"path": "../x", "bytes": 1, "sha256": "0" * 64}, r"\[\[files\]\]: path is '../x'"),
        (3, r"pack.toml: files is \[3\]; a list of tables is expected"),
        ({"path": "x", "bytes": 0, "sha256": "0" * 64}, r"bytes is 0"),
        ({"path": "x", "bytes": 1, "sha256": "beef"}, r"64 hexadecimal digits"),
    ],
)
def test_entries_of_files_are_checked(tmp_path: Path, entry: object, says: str) -> None:
    table = {**small.manifest_table(), "files": [entry]}
    (tmp_path / "pack.toml").write_text(small.as_toml(table))
    with pytest.raises(PackCorrupt, match=says):
        read_manifest(tmp_path)


def test_one_mistake_is_named_at_a_time_and_none_is_converted(folder: Path) -> None:
    table = small.manifest_table()
    table["text"]["max_tokens"], table["embedding"]["dim"] = 40.0, "384"
    small.seal(folder, table)
    with pytest.raises(PackCorrupt) as caught:
        read_manifest(folder)
    where = f"{folder / 'pack.toml'} [embedding]"
    assert str(caught.value) == f"{where}: dim is '384'; a whole number is expected."


def test_a_manifest_cannot_be_changed(small_folder: Path) -> None:
    manifest = read_manifest(small_folder)
    with pytest.raises(ValidationError):
        manifest.image.size = 32  # type: ignore[misc]


def test_keys_of_a_later_crispd_are_passed_over(folder: Path) -> None:
    table = small.manifest_table()
    table["later"], table["image"]["later"] = {"key": 1}, "x"
    small.seal(folder, table)
    assert read_manifest(folder).id == "small@1"


def test_no_files_at_all(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(small.as_toml({**small.manifest_table(), "files": []}))
    with pytest.raises(PackCorrupt, match=r"files is \[\]; a list of tables"):
        read_manifest(tmp_path)


def test_a_newer_format_is_refused(folder: Path) -> None:
    # With keys that this reader does not know: the format is what it must speak of.
    small.seal(folder, {"format": 99, "pack": {"naam": "small"}})
    with pytest.raises(PackCorrupt, match=r"has format 99; .* up to 1. Update crispd"):
        read_manifest(folder)


@pytest.mark.parametrize("content", [b"format = ", b"\xff\xfe\x00", b"a = 1\na = 2"])
def test_not_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pack.toml").write_bytes(content)
    with pytest.raises(PackCorrupt, match=r"pack\.toml cannot be read"):
        read_manifest(tmp_path)


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(PackMissing, match=r"pack\.toml is missing"):
        read_manifest(tmp_path)
