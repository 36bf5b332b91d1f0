"""A run of the recipe that is killed and taken up again makes what one in one go makes."""

from __future__ import annotations

import argparse
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from train.data.subset import subset
from train.running import fits
from train.running.atomic import atomic
from train.running.pack_chain import PackChain
from train.running.same_run import check_same_run


class _Killed(Exception):
    pass


def test_what_is_written_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.npy"

    def half() -> None:
        with atomic(path) as part:
            part.write_text("half")
            raise _Killed

    with pytest.raises(_Killed):
        half()
    assert not path.exists()
    with atomic(path) as part:
        assert not part.exists()
        assert part.suffix == ".npy"
        part.write_text("whole")
    assert [each.name for each in path.parent.iterdir()] == ["a.npy"]


def test_a_step_that_was_killed_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    made = []

    def first(packs: Path) -> None:
        made.append("first")
        (packs / "mini").mkdir()
        (packs / "mini" / "a").write_text("1")

    def second(packs: Path, killed: bool) -> None:
        made.append("second")
        path = packs / "mini" / "a"
        path.write_text(path.read_text() + "2")
        if killed:
            raise _Killed

    chain = PackChain(tmp_path / "packs")
    chain.step("first", first)
    with pytest.raises(_Killed):
        chain.step("second", lambda packs: second(packs, killed=True))
    chain = PackChain(tmp_path / "packs")
    chain.step("first", first)
    assert (chain.pack("mini") / "a").read_text() == "1"
    chain.step("second", lambda packs: second(packs, killed=False))
    assert (chain.pack("mini") / "a").read_text() == "12"
    assert made == ["first", "second", "second"]


def test_a_work_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    check_same_run(tmp_path, {"epochs": 8, "data": Path("/a")})
    check_same_run(tmp_path, {"epochs": 8, "data": Path("/a")})
    with pytest.raises(SystemExit, match="--epochs was 8, is 1"):
        check_same_run(tmp_path, {"epochs": 1, "data": Path("/a")})


def test_a_few_photos_of_every_set(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name, sets in (("flickr8k", ("",)), ("everyday", ("voc", "nyu")), ("strangers", ("coco",))):
        (data / name / "images").mkdir(parents=True)
        rows = [
            {"image": f"{number}.jpg", "split": split, "captions": ["a"], "set": kind}
            for kind in sets
            for split in ("train", "dev")
            for number in range(20)
        ]
        (data / name / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (data / "sentences").mkdir()
    (data / "sentences" / "parallel.jsonl").write_text("{}\n" * 500)
    (data / "imagenet").mkdir()
    made = subset(data, 8, tmp_path / "few")
    lines = (made / "everyday" / "captions.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["split"] for row in rows].count("train") == 8
    assert [row["split"] for row in rows].count("dev") == 2
    assert (made / "flickr8k" / "images").is_dir()
    assert len((made / "sentences" / "parallel.jsonl").read_text().splitlines()) == 80
    again = (made / "strangers" / "captions.jsonl").read_text()
    assert subset(data, 8, tmp_path / "few") == made
    assert (subset(data, 8, tmp_path / "other") / "strangers" / "captions.jsonl").read_text() == (
        again
    )


@dataclass
class _Corpus:
    pixels: np.ndarray
    photos: list


def test_views_of_photos_are_the_same_wherever_a_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train.data.photos import Photo
    from train.fine.network import REGIONS
    from train.pools import cached
    from train.towers.heads import GRID_DIM

    monkeypatch.setattr(cached, "_BATCH", 2)
    monkeypatch.setattr(cached, "_KEPT", 1)
    pixels = np.random.default_rng(0).integers(0, 255, (6, 224, 224, 3), dtype=np.uint8)
    photos = [Photo(Path(), "train", (), human=True)] * 6

    class _Tower(torch.nn.Module):
        left = 99

        def image(self, x):
            self.left -= 1
            if self.left < 0:
                raise _Killed
            means = x.flatten(1).mean(1)[:, None]
            return means[:, None].expand(-1, REGIONS, GRID_DIM), means.expand(-1, 1000)

    corpus, tower = _Corpus(pixels, photos), _Tower()
    whole = cached.see(tower, corpus, list(range(6)), 2, tmp_path / "whole", 1)
    tower.left = 3
    with pytest.raises(_Killed):
        cached.see(tower, corpus, list(range(6)), 2, tmp_path / "killed", 1)
    tower.left = 4  # the batches that are left, two views each
    taken_up = cached.see(tower, corpus, list(range(6)), 2, tmp_path / "killed", 1)
    np.testing.assert_array_equal(taken_up.logits, whole.logits)
    np.testing.assert_array_equal(taken_up.grids, whole.grids)
    assert not (whole.logits[0] == whole.logits[1]).all()


def test_what_a_network_sees_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train.data.photos import Photo
    from train.second import seen
    from train.second.head import WIDTH

    monkeypatch.setattr(seen, "_BATCH", 2)
    monkeypatch.setattr(seen, "_KEPT", 1)
    (tmp_path / "images").mkdir()
    photos = []
    for number in range(5):
        path = tmp_path / "images" / f"{number}.png"
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(path)
        photos.append(Photo(path, "train", (), human=True))
    (tmp_path / "a.onnx").write_text("a")
    (tmp_path / "b.onnx").write_text("b")
    left = 99

    class _Session:
        def run(self, names, inputs):
            nonlocal left
            left -= 1
            if left < 0:
                raise _Killed
            means = inputs["pixels"].mean((1, 2, 3))[:, None]
            return [np.repeat(means, width, 1) for width in (WIDTH, 1000)]

    monkeypatch.setattr(seen, "session", lambda path, threads: _Session())
    wanted, _ = seen.see(tmp_path / "a.onnx", photos, tmp_path / "whole.npy")
    left = 1
    with pytest.raises(_Killed):
        seen.see(tmp_path / "a.onnx", photos, tmp_path / "kept.npy")
    left = 2
    found, _ = seen.see(tmp_path / "a.onnx", photos, tmp_path / "kept.npy")
    np.testing.assert_array_equal(found, wanted)
    assert len(np.unique(found[:, 0])) == 5
    with pytest.raises(_Killed):  # another network sees all of them anew
        seen.see(tmp_path / "b.onnx", photos, tmp_path / "kept.npy")


def test_groups_are_those_of_the_stage_s_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    import random

    from train.towers import groups

    class _Photos:
        photos = ()
        pixels = None

        def of(self, split, human):
            return list(range(300)) if human else []

    monkeypatch.setattr(
        groups, "encode_all_photos", lambda model, *_: (torch.randn(300, 4), None, None)
    )
    model = torch.nn.Identity()
    drawn = [
        groups.Groups(_Photos(), model, tmp_path / name).human(random.Random(1))
        for name in ("a.npy", "a.npy", "b.npy")
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_is_missing_is_told_before_hours_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train.running.options import read_options

    data = tmp_path / "data"
    (data / "imagenet").mkdir(parents=True)
    (data / "imagenet" / "classes.tsv").write_text("")
    for options, told in (
        (["--names-only"], ""),
        ([], "flickr8k"),
        (["--names-only", "--tiny", "/elsewhere/tiny"], "does not lie beside"),
        (["--photos", "3"], "--photos takes"),
    ):
        monkeypatch.setattr("sys.argv", ["train", "--data", str(data), *options])
        if not told:
            read_options(None)
            continue
        with pytest.raises(SystemExit):
            read_options(None)
        assert told in capsys.readouterr().err


def test_the_pack_without_captions_finds_the_photos_that_its_ranges_are_from() -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train.packing.names_only import _album

    assert len(_album()) > 20


def test_where_packs_go_does_not_make_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train.running.options import decisive, read_options

    (tmp_path / "imagenet").mkdir()
    (tmp_path / "imagenet" / "classes.tsv").write_text("")
    found = []
    for place, more in (("a", []), ("b", []), ("b", ["--epochs", "1"])):
        out, tiny = (str(tmp_path / place / name) for name in ("mini", "tiny"))
        options = ["--names-only", "--data", str(tmp_path), "--out", out, "--tiny", tiny, *more]
        monkeypatch.setattr("sys.argv", ["train", *options])
        found.append(decisive(read_options(None)))
    assert found[0] == found[1] != found[2]


def test_what_crispd_fits_is_run_as_modules_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[list[str]] = []
    monkeypatch.setattr(fits.subprocess, "run", lambda command, **_options: run.append(command))
    fits.fit_relevance(tmp_path / "data", tmp_path / "mini", tmp_path / "cache")
    assert [command[3] for command in run] == ["--fit", "--write", "--fit"]
    for _python, _module_option, module, option, *_others in run:
        found = importlib.util.find_spec(module)
        assert found is not None
        assert found.origin is not None
        code = Path(found.origin).read_text(encoding="utf-8")
        assert f'"{option}"' in code
        assert 'if __name__ == "__main__":' in code


def test_word_tokens_are_taught_between_languages_and_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train import __main__ as recipe
    from train.running.options import LENGTHS

    made: list[tuple[str, Any]] = []
    for name in ("add_languages", "teach_tokens", "add_objects", "fit_relevance"):
        monkeypatch.setattr(recipe, name, lambda *given, name=name: made.append((name, given[-1])))
    monkeypatch.setattr(recipe, "train", lambda *_: ())
    monkeypatch.setattr(recipe, "finish", lambda *_: None)
    monkeypatch.setattr(recipe, "swap_in", lambda *_: None)
    lengths = {**LENGTHS, "language_steps": 400}
    paths = dict.fromkeys(("data", "dictionaries", "detector"), tmp_path)
    names = ("second", "tiny", "regions", "go_on", "photos", "version", "remark")
    others = dict.fromkeys(names)
    places = {"out": tmp_path / "mini", "work": tmp_path / "work"}
    chosen = argparse.Namespace(**lengths, **paths, **others, **places)
    recipe.make_packs(chosen, ())
    assert [name for name, _ in made] == [
        "add_languages", "teach_tokens", "add_objects", "fit_relevance",
    ]  # fmt: skip
    assert made[1][1].steps == 60


def test_regions_come_after_the_smaller_pack_and_are_fitted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train import __main__ as recipe
    from train.running.options import LENGTHS

    made: list[tuple[str, Any]] = []
    for name in ("add_second", "add_objects", "make_tiny", "add_regions", "fit_relevance"):
        monkeypatch.setattr(recipe, name, lambda *given, name=name: made.append((name, given)))
    for name in ("train", "finish", "swap_in"):
        monkeypatch.setattr(recipe, name, lambda *_: ())
    others = dict.fromkeys(("dictionaries", "go_on", "photos", "version", "remark"))
    places = {"out": tmp_path / "mini", "tiny": tmp_path / "tiny", "work": tmp_path / "work"}
    wanted = {"second": True, "regions": True, "detector": tmp_path, "data": tmp_path}
    recipe.make_packs(argparse.Namespace(**LENGTHS, **others, **places, **wanted), ())
    assert [name for name, _ in made] == [
        "add_second", "add_objects", "fit_relevance", "make_tiny", "fit_relevance", "add_regions",
        "fit_relevance",
    ]  # fmt: skip
    caches = [given[2] for name, given in made if name == "fit_relevance"]
    assert caches[0] == caches[1] != caches[2]


def test_words_of_other_languages_meet_the_new_regions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train import __main__ as recipe
    from train.running.options import LENGTHS

    made: list[tuple[str, Any]] = []
    for name in ("add_languages", "teach_tokens", "add_regions", "fit_relevance"):
        monkeypatch.setattr(recipe, name, lambda *given, name=name: made.append((name, given)))
    for name in ("train", "finish", "swap_in"):
        monkeypatch.setattr(recipe, name, lambda *_: ())
    names = ("second", "tiny", "detector", "go_on", "photos", "version", "remark")
    places = {"out": tmp_path / "mini", "work": tmp_path / "work"}
    wanted = {"regions": True, "dictionaries": tmp_path, "data": tmp_path}
    chosen = argparse.Namespace(**LENGTHS, **dict.fromkeys(names), **places, **wanted)
    recipe.make_packs(chosen, ())
    assert [name for name, _ in made] == [
        "add_languages", "teach_tokens", "fit_relevance", "add_regions", "teach_tokens",
        "fit_relevance",
    ]  # fmt: skip
    # what the fine stage made of the regions before is kept elsewhere
    first, again = (given[2] for name, given in made if name == "teach_tokens")
    assert first != again
