"""Captioned photos in the forms in which people have them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import DatasetError
from crispd.evaluation.dataset import read_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name in "abcd":
        (tmp_path / "images" / f"{name}.jpg").write_bytes(b"x")
    return tmp_path


def lines(folder: Path, *rows: object) -> None:
    (folder / "captions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))


ROWS = [
    {"image": "a.jpg", "split": "train", "captions": ["a dog", "one dog"]},
    {"image": "b.jpg", "split": "test", "captions": ["a cat"]},
    {"image": "c.jpg", "split": "test", "caption": "a car"},
    {"image": "d.jpg", "split": "dev", "captions": ["a tree"]},
]


def test_lines_with_splits(folder: Path) -> None:
    lines(folder, *ROWS)
    found = read_dataset(folder)
    assert (found.name, found.split) == (folder.name, "test")
    assert [photo.captions for photo in found.photos] == [("a cat",), ("a car",)]
    assert found.distractors == ()
    assert len(read_dataset(folder, split="all").photos) == 4
    assert [p.path.name for p in read_dataset(folder, split="dev").photos] == ["d.jpg"]


def test_a_library_is_filled_up_from_the_other_splits(folder: Path) -> None:
    lines(folder, *ROWS)
    found = read_dataset(folder, library=3)
    assert (len(found.photos), len(found.distractors)) == (2, 1)
    with pytest.raises(DatasetError, match=r"has 4 photos.*5"):
        read_dataset(folder, library=5)


def test_without_splits_everything_is_asked_for(folder: Path) -> None:
    lines(folder, {"image": "a.jpg", "captions": ["a dog"]}, {"image": "b.jpg", "captions": []})
    found = read_dataset(folder)
    assert (found.split, len(found.photos)) == ("all", 1)


def test_karpathy(folder: Path) -> None:
    table = {
        "images": [
            {"filename": "a.jpg", "split": "val", "sentences": [{"raw": "a dog"}]},
            {"filename": "b.jpg", "filepath": "val2014", "split": "test",
             "sentences": [{"raw": " a cat "}]},
        ]
    }  # fmt: skip
    (folder / "dataset.json").write_text(json.dumps(table))
    found = read_dataset(folder / "dataset.json")
    assert [(p.path.name, p.captions) for p in found.photos] == [("b.jpg", ("a cat",))]
    assert read_dataset(folder / "dataset.json", split="dev").photos[0].path.name == "a.jpg"


def test_coco(folder: Path) -> None:
    table = {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [{"image_id": 1, "caption": "a dog"}, {"image_id": 1, "caption": "dog"}],
    }
    path = folder / "captions_val.json"
    path.write_text(json.dumps(table))
    found = read_dataset(path, images=folder / "images")
    assert [photo.captions for photo in found.photos] == [("a dog", "dog")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not understood"),
        ('{"image": "a.jpg"}', "not understood"),
        ("[1]", "not understood"),
        ('{"image": "nope.jpg", "captions": ["x"]}', "nope.jpg"),
        ("", "no captioned photos"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, content: str, says: str) -> None:
    (folder / "captions.jsonl").write_text(content)
    with pytest.raises(DatasetError, match=says):
        read_dataset(folder)


def test_a_missing_set_and_a_missing_split(folder: Path) -> None:
    with pytest.raises(DatasetError, match="is missing"):
        read_dataset(folder / "nothing")
    lines(folder, *ROWS)
    with pytest.raises(DatasetError, match="dev, test, train"):
        read_dataset(folder, split="validation")


@given(st.text(max_size=300))
def test_any_text_is_a_set_or_an_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "captions.json"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(DatasetError):
        read_dataset(path)
