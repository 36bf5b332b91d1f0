"""Tokens of regions out of untouched networks: what they learn from, and their place in graphs."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
onnx = pytest.importorskip("onnx")

import onnxruntime as ort  # noqa: E402
from onnx import helper  # noqa: E402
from PIL import Image  # noqa: E402
from torch.nn.functional import cosine_similarity, normalize  # noqa: E402
from train.data.photos import Photo  # noqa: E402
from train.fine import add_regions as stage  # noqa: E402
from train.fine.looked import CLASSES, FEW, NAMES, REGIONS, TOP, WIDTH, Looked, look  # noqa: E402
from train.fine.network import TOKEN_DIM, TOKENS, Fine  # noqa: E402
from train.fine.regions import (  # noqa: E402
    FEATURES,
    MEANS,
    FineOverRegions,
    RegionGraph,
    RegionTokens,
    Untouched,
    along,
    directions,
)
from train.fine.regions_stage import (  # noqa: E402
    CAPTION,
    LABEL,
    NAME,
    RegionsPlan,
    RegionsTrainer,
    Taught,
    asked_of,
    things,
)
from train.fine.weak_order import weak_vectors  # noqa: E402
from train.packing.export import export_fine  # noqa: E402
from train.packing.join import KEPT, LOGITS, SECOND_MEANS, SEEN, has_regions  # noqa: E402
from train.packing.sums import sums  # noqa: E402
from train.second.make_tiny import make_tiny  # noqa: E402
from train.towers.heads import CAPTION_DIM  # noqa: E402
from train.towers.warm import fine_model  # noqa: E402

from tests.packs.small import save_graph  # noqa: E402

DIM = 464
_RNG = np.random.default_rng(6)


def _looked(photos: int) -> Looked:
    """Maps with something in common, so that principal directions hold most of them."""
    common = _RNG.random((40, 2 * WIDTH))
    maps = _RNG.random((photos, REGIONS, 40)) @ common * 8
    return Looked(
        maps.clip(0, 255).astype(np.uint8),
        np.log(_RNG.random((photos, REGIONS, CLASSES)) + FEW).astype(np.float16),
        _RNG.normal(size=(photos, NAMES)).astype(np.float16),
        _RNG.normal(size=(photos, DIM)).astype(np.float32),
        _RNG.normal(size=(photos, TOKENS, TOKEN_DIM)).astype(np.float16),
    )


def test_the_graph_makes_the_tokens_that_were_learnt() -> None:
    looked = _looked(12)
    found = directions(looked.maps)
    untouched = along(found, looked)
    given = untouched.batch(np.arange(12))
    torch.manual_seed(0)
    tokens = RegionTokens(*given, 0.3, 0.1).eval()
    for layer in (tokens.around, tokens.norm):
        torch.nn.init.normal_(layer.weight)
        torch.nn.init.normal_(layer.bias)
    maps = torch.from_numpy(looked.maps).float() * (TOP / 255)
    first, second = maps.transpose(1, 2).split(WIDTH, 1)
    sure = (torch.from_numpy(looked.objects).float().exp() - FEW)[:, None].repeat(1, 3, 1, 1)
    sure[:, 1:] *= 0.5  # the surest scale counts
    before = torch.from_numpy(looked.tokens).float()
    graph = RegionGraph(tokens, found, 0.5, FEW)
    made = graph(first, second, sure, first.mean(2), second.mean(2), before)
    wanted = (tokens(*given) + 0.5 * before) / 1.5
    assert cosine_similarity(made, wanted, dim=-1).min() > 0.999


def test_tokens_begin_near_those_before() -> None:
    looked = _looked(30)
    untouched = along(directions(looked.maps), looked)
    given = untouched.batch(np.arange(30))
    mixed = torch.randn(FEATURES, TOKEN_DIM, generator=torch.Generator().manual_seed(1))
    tokens = RegionTokens(*given, 0.0, 0.0).eval()
    wanted = torch.zeros(30, TOKENS, TOKEN_DIM)
    wanted[:, :-1] = tokens.standard(*given)[0] @ mixed
    far = cosine_similarity(tokens(*given), wanted, dim=-1)[:, :-1].mean()
    tokens.begin(untouched, wanted.numpy())
    assert cosine_similarity(tokens(*given), wanted, dim=-1)[:, :-1].mean() > max(0.8, far)


def test_a_weak_vector_does_not_know_the_texts_of_its_photo() -> None:
    means, texts = _RNG.normal(size=(60, MEANS)).astype(np.float32), torch.randn(60, DIM)
    vectors = _RNG.normal(size=(60, DIM)).astype(np.float32)
    told = [[at] for at in range(60)]
    found = weak_vectors(means, vectors, texts, told)
    own = cosine_similarity(found[:, :CAPTION_DIM], texts[:, :CAPTION_DIM])
    assert own.mean() < 0.4  # their mean is known; a map fitted to all would have nearly 1
    lengths = [np.linalg.norm(each[:, :CAPTION_DIM], axis=1) for each in (found, vectors)]
    np.testing.assert_allclose(*lengths, rtol=1e-4)
    np.testing.assert_array_equal(found[:, 256:381], vectors[:, 256:381])


def test_things_of_a_label() -> None:
    assert things("a photo of two dogs, a car and the sea") == {"two dogs", "car", "sea"}


def _taught(kinds: int = 6, each: int = 8) -> Taught:
    """Photos of a few kinds, a text a kind; words point where a direction of the regions does."""
    generator = torch.Generator().manual_seed(0)
    kind = [at % kinds for at in range(kinds * each)]
    centres = torch.randn(kinds, FEATURES, generator=generator)
    noise = torch.randn(len(kind), REGIONS, FEATURES, generator=generator)
    regions = (centres[kind][:, None] + 0.5 * noise).half().numpy()
    means = torch.randn(len(kind), MEANS, generator=generator).numpy()
    photos = [
        Photo(Path(f"{at}.jpg"), "train", (f"a photo of a thing{k}",), False)
        for at, k in enumerate(kind)
    ]
    names = [f"name{at}" for at in range(NAMES)]
    rows = asked_of(photos, names)
    classes = torch.full((len(kind), NAMES), 1e-5)
    classes[torch.arange(len(kind)), torch.tensor(kind)] = 0.99
    asked = normalize(torch.randn(len(rows), DIM, generator=generator), dim=-1)
    words = torch.randn(len(rows), 4, TOKEN_DIM, generator=generator).half()
    for at in range(kinds):  # both forms of a label say the same
        words[rows[f"a thing{at}"]] = words[rows[f"a photo of a thing{at}"]]
    vectors = normalize(torch.randn(len(kind), DIM, generator=generator), dim=-1)
    masks = torch.ones(len(rows), 4).half()
    untouched = Untouched(regions, means)
    return Taught(photos, untouched, vectors, classes, names, rows, asked, words, masks)


def _trainer(taught: Taught, **changed: object) -> RegionsTrainer:
    plan = replace(
        RegionsPlan(), groups=4, size=6, warm_up=5, wrong=8, hardest=12, named=0.0, **changed
    )
    places = np.arange(len(taught.photos))
    torch.manual_seed(0)
    tokens = RegionTokens(*taught.untouched.batch(places), plan.dropout, plan.hidden)
    return RegionsTrainer(plan, taught, tokens, Fine())


def test_the_photo_meant_wins_after_learning() -> None:
    taught = _taught()
    tokens, fine, weight = _trainer(taught, steps=60).run()
    regions = tokens(*taught.untouched.batch(np.arange(len(taught.photos))))
    rows = torch.tensor([taught.texts[f"a photo of a thing{kind}"] for kind in range(6)])
    with torch.inference_mode():
        scores = fine(taught.words[rows].float(), taught.masks[rows].float(), regions)
    assert (scores.argmax(1) % 6 == torch.arange(6)).float().mean() > 0.8
    assert weight > 1


def test_scores_are_made_louder() -> None:
    torch.manual_seed(2)
    fine = FineOverRegions(Fine()).eval()
    for parameter in fine.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    given = torch.randn(5, TOKEN_DIM), torch.ones(5), torch.randn(4, TOKENS, TOKEN_DIM)
    with torch.inference_mode():
        before = fine(*given)
        fine.times(2.0)
        np.testing.assert_allclose(fine(*given), 2 * before, rtol=1e-4)


def test_what_is_no_wrong_answer() -> None:
    taught = _taught()
    taught.photos[6:8] = [replace(photo, human=True) for photo in taught.photos[6:8]]
    trainer, batch = _trainer(taught), np.array([0, 1, 6, 7, 12])
    assert trainer._right("a photo of a thing0", CAPTION, 6, batch).tolist() == [0, 0, 1, 0, 0]
    # of a captioned photo nobody said that it lacks what a label names
    assert trainer._right("a thing0", LABEL, 0, batch).tolist() == [1, 0, 1, 1, 1]
    assert trainer._right("name0", NAME, 0, batch).tolist() == [1, 0, 1, 0, 1]


def _pack(folder: Path) -> None:
    """A pack whose graph of photos has values by the names of the real ones."""
    folder.mkdir()
    nodes = [
        helper.make_node(
            "AveragePool", ["pixels"], ["small"], kernel_shape=[32, 32], strides=[32, 32]
        ),
        *(
            node
            for name, mean in (("one", KEPT), ("two", SECOND_MEANS))
            for node in (
                helper.make_node("Conv", ["small", name], [f"{name}_raw"]),
                helper.make_node("Clip", [f"{name}_raw", "low", "top"], [f"{name}_map"]),
                helper.make_node("Reshape", [f"{name}_map", "flat"], [f"{name}_flat"]),
                helper.make_node("ReduceMean", [f"{name}_flat"], [mean], axes=[2], keepdims=0),
            )
        ),
        helper.make_node("Conv", ["small", "scales"], ["scales_raw"]),
        helper.make_node("Reshape", ["scales_raw", "by_scale"], ["scales_flat"]),
        helper.make_node("Transpose", ["scales_flat"], ["turned"], perm=[0, 1, 3, 2]),
        helper.make_node("Sigmoid", ["turned"], [SEEN]),
        helper.make_node("MatMul", [KEPT, "classes"], [LOGITS]),
        helper.make_node("MatMul", [SECOND_MEANS, "vector"], ["embedding"]),
        helper.make_node("Transpose", ["one_flat"], ["regions"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["regions", "token"], ["told"]),
        helper.make_node("MatMul", [KEPT, "token"], ["mean"]),
        helper.make_node("Unsqueeze", ["mean", "axis"], ["whole"]),
        helper.make_node("Concat", ["told", "whole"], ["tokens"], axis=1),
    ]  # fmt: skip
    shapes = {
        "one": (WIDTH, 3, 1, 1), "two": (WIDTH, 3, 1, 1), "scales": (3 * CLASSES, 3, 1, 1),
        "classes": (WIDTH, NAMES), "vector": (WIDTH, DIM), "token": (WIDTH, TOKEN_DIM),
    }  # fmt: skip
    constants = {name: _RNG.normal(size=size).astype(np.float32) for name, size in shapes.items()}
    constants |= {"low": np.float32(0), "top": np.float32(TOP), "axis": np.array([1])}
    constants |= {"flat": np.array([0, WIDTH, -1]), "by_scale": np.array([0, 3, CLASSES, -1])}
    arrays = {name: np.asarray(value) for name, value in constants.items()}
    pixels = {"pixels": (onnx.TensorProto.FLOAT, ["B", 3, 224, 224])}
    for name in ("image.onnx", "image.int8.onnx"):
        save_graph(folder / name, nodes, pixels, ["embedding", "tokens"], arrays)
    (folder / "image.weights").write_bytes(b"")
    torch.manual_seed(3)
    fine = Fine().eval()
    fine.temperature.data += torch.arange(4) / 10  # as learnt: equal ones would be one constant
    export_fine(fine, folder / "fine.onnx")
    head = 'version = "6"\n[fine]\ncoarse_weight = 84.0\n[question]\ntrust = [2.0]\n'
    (folder / "pack.toml").write_text(head + sums(folder))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A few photos of one colour each in two sets, and names."""
    folder = tmp_path / "data"
    for name in ("flickr8k", "everyday"):
        (folder / name / "images").mkdir(parents=True)
        lines = []
        for at in range(10):
            file = folder / name / "images" / f"{at}.png"
            Image.fromarray(np.full((8, 8, 3), 25 * at, np.uint8)).save(file)
            split = "dev" if at > 7 else "train"
            lines.append({"image": file.name, "split": split, "captions": [f"a photo of a {at}"]})
        text = "\n".join(map(json.dumps, lines)) + "\n"
        (folder / name / "captions.jsonl").write_text(text)
    (folder / "imagenet").mkdir()
    names = "".join(f"{at}\tn{at}\tname {at}\n" for at in range(NAMES))
    (folder / "imagenet" / "classes.tsv").write_text(names)
    return folder


def _read(pack: Path, texts: list[str]) -> list[tuple[int, list[np.ndarray]]]:
    words = _RNG.normal(size=(len(texts), 5, TOKEN_DIM)).astype(np.float32)
    vectors = _RNG.normal(size=(len(texts), DIM)).astype(np.float32)
    return [(at, [vectors[at], words[at], np.ones(5, np.float32)]) for at in range(len(texts))]


def test_photos_are_looked_at_once(tmp_path: Path, data: Path) -> None:
    _pack(tmp_path / "mini")
    photos = stage.training_photos(data)
    looked = look(tmp_path / "mini", photos, tmp_path / "looked")
    assert looked.maps.any()
    before = np.array(looked.tokens)
    np.save(tmp_path / "looked" / "logits.npy", np.zeros_like(looked.logits))
    again = look(tmp_path / "mini", photos, tmp_path / "looked")
    assert not again.logits.any()
    np.testing.assert_array_equal(again.tokens, before)
    assert look(tmp_path / "mini", photos[1:], tmp_path / "looked").logits.any()


def test_a_pack_gets_new_tokens_and_keeps_its_vectors(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini, tiny = tmp_path / "mini", tmp_path / "tiny"
    _pack(mini)
    tiny.mkdir()
    (tiny / "pack.toml").write_text('version = "1"\n' + sums(tiny, [(mini / "fine.onnx", "mini")]))
    fine = (mini / "fine.onnx").read_bytes()
    pixels = _RNG.random((3, 3, 224, 224)).astype(np.float32)

    def run(name: str) -> list[np.ndarray]:
        made: list[np.ndarray] = ort.InferenceSession(str(mini / name)).run(
            None, {"pixels": pixels}
        )
        return made

    before = run("image.onnx")
    monkeypatch.setattr(stage, "read_texts", _read)
    monkeypatch.setattr(stage, "shares", lambda pack, texts, vectors: torch.ones(len(vectors)))
    plan = replace(RegionsPlan(), steps=3, groups=2, size=4, wrong=3, hardest=6, warm_up=1)
    stage.add_regions(data, mini, tmp_path / "work", "7", plan)

    for name in ("image.onnx", "image.int8.onnx"):
        assert has_regions(mini / name)
        vectors, tokens = run(name)
        for made, wanted in zip(vectors, before[0], strict=True):  # the test's own are bytes now
            assert made @ wanted > 0.999 * np.linalg.norm(made) * np.linalg.norm(wanted)
        assert tokens.shape == before[1].shape
        assert np.abs(tokens - before[1]).mean() > 0.1
    assert (tiny / "fine.onnx").read_bytes() == fine != (mini / "fine.onnx").read_bytes()
    files = tomllib.loads((tiny / "pack.toml").read_text())["files"]
    assert "pack" not in next(file for file in files if file["path"] == "fine.onnx")
    text = (mini / "pack.toml").read_text()
    assert 'version = "7"' in text
    assert "trust = [1.1, 3.0, 0.35]" in text
    with pytest.raises(SystemExit, match="already"):
        stage.add_regions(data, mini, tmp_path / "work", "8", plan)
    with pytest.raises(SystemExit, match="made before"):
        make_tiny(data, mini, tmp_path / "small", tmp_path / "work", "2")


def test_the_fine_model_comes_back_out_of_its_graph(tmp_path: Path) -> None:
    torch.manual_seed(1)
    fine = FineOverRegions(Fine())
    for parameter in fine.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    export_fine(fine.eval(), tmp_path / "fine.onnx")
    given = torch.randn(5, TOKEN_DIM), torch.ones(5), torch.randn(4, TOKENS, TOKEN_DIM)
    names = ("text_tokens", "word_mask", "image_tokens")
    inputs = {name: value.numpy() for name, value in zip(names, given, strict=True)}
    [scores] = ort.InferenceSession(str(tmp_path / "fine.onnx")).run(None, inputs)
    with torch.inference_mode():
        again = fine_model(tmp_path)(*given)
        np.testing.assert_allclose(again, scores, atol=2e-2)
        np.testing.assert_allclose(fine(*given), scores, atol=5e-2)
