"""``crispd eval`` over a folder of data sets, with the pack that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crispd.errors import DatasetError
from crispd.evaluation.arms import Arms
from crispd.evaluation.quality import Proportion, interval
from crispd.evaluation.query_sets import EvalQuery, QuerySet, find_sets, is_suite
from crispd.evaluation.seen_library import SeenLibrary
from crispd.evaluation.served import ServedLibrary
from crispd.evaluation.suite import evaluate_sets
from crispd.packs.pack import load_pack
from crispd.types import DecodeLimits, EncodedPhoto
from tests.evaluation.test_eval import ALBUM, crispd, texts_of
from tests.packs import golden, small

LIMITS = DecodeLimits(10**8, 10**8)
SENTENCES = {
    "cat_chelsea.jpg": ["the face of a tabby cat that looks into the camera"],
    "coffee_cup.jpg": ["a cup of coffee stands on a table", "a white cup full of dark coffee"],
    "rocket.jpg": ["a rocket stands on its launch pad before it starts"],
}
NAMES = {
    "raccoon.jpg": ["raccoon"], "red_flower.jpg": ["a flower"], "old_coins.jpg": ["old coins"],
}  # fmt: skip
WORDS = {
    "forest_stream.jpg": ["nature"], "mountain_path.jpg": ["nature"],
    "sunset_hills.jpg": ["nature"], "temple_in_china.jpg": ["temple"], "brick_wall.jpg": ["wall"],
}  # fmt: skip


def rows(split: str, part: str, captions: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"image": image, "split": split, "set": part, "captions": said}
        for image, said in captions.items()
    ]


def write(folder: Path, lines: list[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True)
    (folder / "captions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "images").symlink_to(ALBUM)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write(
        folder / "strangers",
        [
            *rows("dev", "coco", SENTENCES),
            *rows("dev", "names", NAMES),
            *rows("dev", "scenes", WORDS),
            *rows("train", "scenes", {"gravel.jpg": ["gravel"]}),
            *rows("distractor", "plain", {"fig_in_red_bowl.jpg": [], "grass.jpg": []}),
        ],
    )
    write(
        folder / "own",
        [*rows("train", "", {"gravel.jpg": ["gravel"]}), *rows("dev", "", SENTENCES)],
    )
    (folder / "other").mkdir()
    (folder / "notes.txt").write_text("nothing of a data set")
    return folder


def test_sets_kinds_and_libraries_are_found(data: Path) -> None:
    found = {one.name: one for one in find_sets(data)}
    assert list(found) == ["strangers/coco", "strangers/names", "own", "strangers/scenes"]
    assert [one.kind for one in found.values()] == ["sentences", "names", "sentences", "words"]
    domains = ["strangers", "strangers", "in-domain", "in-domain"]
    assert [one.domain for one in found.values()] == domains
    assert [len(one.library) for one in found.values()] == [5, 3, 3, 5]
    assert {one.split for one in found.values()} == {"dev"}
    assert len(found["strangers/coco"].queries) == 4
    scenes = {query.text: query.right for query in found["strangers/scenes"].queries}
    assert scenes == {
        "nature": frozenset({0, 1, 2}), "temple": frozenset({3}), "wall": frozenset({4}),
    }  # fmt: skip


def test_what_is_one_set_and_what_are_many(data: Path, tmp_path: Path) -> None:
    assert is_suite(data)
    assert is_suite(data / "strangers")
    assert not is_suite(data / "own")
    assert not is_suite(tmp_path)
    assert not is_suite(tmp_path / "none.json")
    with pytest.raises(DatasetError, match="holds no data set"):
        find_sets(tmp_path)


def test_every_set_and_arm_is_reported(data: Path, tmp_path: Path) -> None:
    words = ("eval", str(data), "--json", "--out", str(tmp_path / "out"))
    done = crispd(*words, cwd=tmp_path, plots=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["sets"][0]["name"] == "strangers/coco"
    for one in found["sets"]:
        assert [arm["name"] for arm in one["arms"]] == ["coarse", "fine", "cascade", "served"]
        for arm in one["arms"]:
            for share in [*arm["recall"].values(), arm["precision"], one["empty"]]:
                assert 0 <= share["low"] <= share["value"] <= share["high"] <= 100
            assert arm["recall"]["1"]["value"] <= arm["recall"]["10"]["value"]
        coarse, fine, cascade, served = one["arms"]
        assert not coarse["against"]
        assert not fine["against"]
        # libraries are shorter than the shortlist: the cascade is the fine model over everything
        assert cascade["recall"] == fine["recall"]
        # nothing of these texts is parsed or corrected
        assert served["recall"] == cascade["recall"]
        assert served["against"]["1"] == {"value": 0, "low": 0, "high": 0}
        assert one["arms"][3]["recall"]["5"]["value"] >= 50  # these are easy
    files = {Path(file).suffix: Path(file) for file in found["files"]}
    table = files[".md"].read_text()
    assert "| strangers/names | names | served |" in table
    assert "| served over cascade |" in table
    assert {"coarse", "served", "precision"} <= texts_of(files[".svg"])


def test_without_the_fine_model_over_everything(data: Path, tmp_path: Path) -> None:
    small.write_pack(tmp_path / "pack")
    done = crispd(
        "eval", str(data / "strangers"), "--no-fine", "--pack", str(tmp_path / "pack"), "--json",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for one in json.loads(done.stdout)["sets"]:
        assert [arm["name"] for arm in one["arms"]] == ["coarse", "cascade", "served"]


def test_a_split_that_is_named(data: Path) -> None:
    (one,) = find_sets(data / "own", "train")
    assert (one.split, len(one.library)) == ("train", 1)


class Quiet:
    """Progress that nobody sees."""

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


def asked(*queries: tuple[str, int]) -> QuerySet:
    library = tuple(sorted(ALBUM.glob("*.jpg")))
    texts = tuple(EvalQuery(text, frozenset([label])) for text, label in queries)
    return QuerySet("album", "all", "names", "strangers", library, texts)


def test_served_is_parsed_and_corrected() -> None:
    """What only the way through the service does shows in what is served, and nowhere else."""
    pack, (photos, library) = golden.shipped(), golden.album()
    served, arms = ServedLibrary(pack, library), Arms(pack, library)

    def direct(text: str) -> list[int]:
        return arms.cascade(pack.text_encoder.encode(text), 20)[:10]

    assert photos[served.labels("a red flower", 10)[0]].name == "red_flower.jpg"
    assert served.labels("a red flower", 10) == direct("a red flower")
    assert served.labels("a red flowwer", 10) == direct("a red flower") != direct("a red flowwer")
    assert served.labels("a red flower type:png", 10) == []
    assert served.labels("", 10) == []  # refused
    assert not served.ends_empty("a red flower")
    assert served.ends_empty("a red flower type:png")


def test_a_pack_without_a_fine_stage(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    table = small.write_pack(folder)
    del table["fine"], table["tokens"]
    small.image_graph(folder / "image.onnx", tokens=False)
    small.text_graph(folder / "text.onnx", tokens=False)
    small.seal(folder, table)
    pack = load_pack(folder, index_threads=1, search_threads=1)
    found = evaluate_sets(
        [asked(("a", 0), ("b", 1))], pack, LIMITS, thumbnail=320, progress=Quiet()
    )
    (one,) = found.sets
    assert [arm.name for arm in one.arms] == ["coarse", "served"]


def test_intervals_draw_photos_not_captions() -> None:
    values = np.array([100.0, 100.0, 0.0, 0.0])
    together = interval(values, np.array([0, 0, 1, 1]))
    apart = interval(values, np.arange(4))
    assert together.value == apart.value == 50.0
    assert (together.low, together.high) == (0.0, 100.0)
    assert isinstance(apart, Proportion)


def test_draws_are_the_same_in_parts_and_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values, groups = np.arange(30.0) % 7, np.arange(30) // 2
    at_once = interval(values, groups)
    monkeypatch.setattr("crispd.evaluation.quality._DRAWN_AT_ONCE", 700 * 15)
    assert interval(values, groups) == at_once


def test_a_fine_pack_re_ranks_what_is_served(data: Path, tmp_path: Path) -> None:
    done = crispd(
        "eval", str(data), "--no-fine", "--pack", "mini", "--fine-pack", "tiny", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["pack"].partition("@")[0], found["fine_pack"].partition("@")[0]) == (
        "mini",
        "tiny",
    )
    for one in found["sets"]:
        arms = {arm["name"]: arm for arm in one["arms"]}
        assert list(arms) == ["coarse", "cascade", "served", "fine pack"]
        assert arms["fine pack"]["recall"]["1"]["value"] >= 60
        assert set(arms["fine pack"]["against"]) == {"1", "5", "10"}
    [table] = (tmp_path / "data" / "evaluations").glob("*.md")
    assert "fine pack over served" in table.read_text()


def test_the_order_is_that_of_the_fine_pack() -> None:
    class Backwards:
        id, languages, at_once = "backwards@1", ("en",), 2

        def scorer(self, text: str) -> Any:
            return lambda photos: np.array([float(photo.pack) for photo in photos], np.float32)

    photos = [EncodedPhoto(np.zeros(1, np.float32), None, str(n)) for n in range(5)]
    second = SeenLibrary(Backwards(), photos, 3)  # type: ignore[arg-type]
    assert second.score("a dog", "a dog", "en", [4, 1, 3], 0) == {4: 4.0, 1: 1.0, 3: 3.0}
    assert second.score("ein Hund", "ein Hund", "de", [4, 1, 3], 0) == {}


def test_a_fine_pack_is_for_sets(data: Path, tmp_path: Path) -> None:
    done = crispd("eval", str(data / "own"), "--library", "3", "--fine-pack", "tiny", cwd=tmp_path)
    assert done.returncode != 0
    assert "--fine-pack" in done.stderr
