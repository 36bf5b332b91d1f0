"""Parts of the recipe that are easily wrong without anyone noticing."""

from __future__ import annotations

import copy
import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")

from train.data import pictures  # noqa: E402
from train.data.described import Described  # noqa: E402
from train.data.photos import Photo  # noqa: E402
from train.data.phrases import meaning  # noqa: E402
from train.data.texts import Rows  # noqa: E402
from train.pools.cached import Read, Seen  # noqa: E402
from train.pools.cached_dev import joined_texts  # noqa: E402
from train.pools.heads_stage import Labels  # noqa: E402
from train.pools.whole_stage import Photos, Sentences  # noqa: E402
from train.towers.depthwise import depthwise  # noqa: E402
from train.towers.heads import Cascade  # noqa: E402
from train.towers.losses import contrastive  # noqa: E402
from train.towers.model import Corpus  # noqa: E402
from train.towers.networks import mean  # noqa: E402
from train.towers.pace import follow, pace  # noqa: E402


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (5, 1), (3, 2), (5, 2)])
def test_depthwise_gradients_are_those_of_float32(kernel: int, stride: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 8, 14, 14).bfloat16().float()
    weight, bias = torch.randn(8, 1, kernel, kernel), torch.randn(8)
    found = []
    for own in (False, True):
        inputs = [each.clone().requires_grad_() for each in (x, weight, bias)]
        if own:
            y = depthwise(inputs[0].bfloat16(), *inputs[1:], stride, kernel // 2).float()
        else:
            y = torch.nn.functional.conv2d(*inputs, stride, kernel // 2, groups=8)
        (y * y).sum().backward()
        found.append([each.grad.flatten() for each in inputs])
    for wanted, got in zip(*found, strict=True):
        assert torch.cosine_similarity(wanted, got, 0) > 0.999
        assert 0.98 < got.norm() / wanted.norm() < 1.02


def photo(*captions: str, human: bool = True) -> Photo:
    return Photo(Path("a.jpg"), "train", captions, human)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_which_texts_describe_which_photos() -> None:
    photos = [
        photo("a black dog runs", "a dog in the snow"),
        photo("two dogs and a man"),
        photo("a photo of a dog", human=False),
        photo("a photo of two dogs", human=False),
    ]
    texts = ["a black dog runs", "a dog in the snow", "two dogs and a man", "a photo of a dog",
             "a photo of two dogs", "dog", "a zebra"]  # fmt: skip
    rows = Rows([[0, 1], [2], [3], [4]], [[]] * 4, [], [meaning(text) for text in texts])
    found = Described(photos, rows).matrix(list(range(7)), list(range(4))).int().tolist()
    assert found == [
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [1, 1, 1, 0],  # a label: among labelled photos only its own
        [0, 1, 0, 1],
        [1, 1, 1, 1],  # a word: every photo that has it
        [0, 0, 0, 0],  # in no photo
    ]


def test_photos_that_a_text_describes_are_no_wrong_answers() -> None:
    sims = torch.tensor([[5.0, 5.0, -5.0], [5.0, 5.0, -5.0], [-5.0, -5.0, 5.0]])
    owner = torch.arange(3)
    same = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]]).bool()
    assert contrastive(sims, owner, same) < 1e-3
    assert contrastive(sims, owner, torch.eye(3).bool()) > 0.4


def small_heads() -> Cascade:
    torch.manual_seed(0)
    basis = torch.linalg.qr(torch.randn(384, 125)).Q
    return Cascade(basis, torch.zeros(384), torch.randn(1000, 125)).eval()


def test_the_whole_says_nothing_until_it_is_trained() -> None:
    pool, features = small_heads().image_pool, torch.rand(2, 49, 2560)
    alone = torch.nn.functional.normalize(pool.local(features), dim=1)
    assert torch.allclose(pool(features), alone)
    pool.whole.linear.weight.data.normal_()
    assert not torch.allclose(pool(features), alone)


def test_features_kept_for_a_stage_give_what_the_heads_give() -> None:
    heads = small_heads()
    grids, logits = torch.rand(2, 49, 2560).half(), torch.randn(2, 1000).half()
    heads.image_pool.whole.linear.weight.data.normal_(std=0.01)
    seen = Seen([5, 7], grids[None].numpy(), logits[None].numpy())
    kept = Photos.of(heads, seen).joined(heads, torch.zeros(2, dtype=torch.long), torch.arange(2))
    plain, _ = heads.encode_image(grids.float(), logits.float())
    assert torch.allclose(kept, plain, atol=1e-5)
    hidden = torch.randn(2, 40, 384).half()
    ids = torch.zeros(2, 40, dtype=torch.long)
    ids[0, :4], ids[1, :6] = 9, 9
    read = Read([0, 1], hidden, ids)
    mask = (ids[:, :6] != 0).float()
    cut = hidden[:, :6].float()
    text, _ = heads.encode_text(cut, mask, heads.sentence(mean(cut, mask)))
    assert torch.allclose(Sentences.of(heads, read).joined(heads, torch.arange(2)), text, atol=1e-5)
    assert torch.allclose(joined_texts(heads, read, torch.arange(2)), text, atol=1e-5)


def test_labels_that_share_words_share_the_target() -> None:
    names = ["a photo of two dogs", "a photo of a dog", "a photo of a kitchen"]
    photos = [photo(name, human=False) for name in names]
    rows = Rows([[0], [1], [2]], [[]] * 3, [], [meaning(name) for name in names])
    corpus = Corpus(photos, np.empty(0), None, rows)  # type: ignore[arg-type]
    chosen, target = Labels(corpus, [0, 1, 2], 10).draw([0, 2], random.Random(0))
    assert chosen.tolist() == [0, 1, 2]
    assert target.argmax(1).tolist() == [0, 2]
    assert target[0, 1] > 3 * target[0, 2]
    assert torch.allclose(target.sum(1), torch.ones(2))


def test_rates_rise_and_fall_and_the_mean_follows_what_learns() -> None:
    learns, still = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    now = torch.nn.ModuleList([learns, still])
    average = copy.deepcopy(now)
    still.requires_grad_(False)
    optimiser = torch.optim.AdamW([{"params": learns.parameters(), "rate": 2.0}], lr=1.0)
    seen = []
    for step in range(40):
        pace(optimiser, step, 40, 10)
        seen.append(optimiser.param_groups[0]["lr"])
    assert seen.index(max(seen)) == 9
    assert 0 < seen[-1] < seen[0] < max(seen) < 2
    for linear in now:
        linear.weight.data += 1
    before = [linear.weight.item() for linear in average]
    follow(average, now, 0, 0.99)
    assert average[0].weight.item() == pytest.approx(before[0] + 0.9)
    assert average[1].weight.item() == before[1]


def test_the_curve_of_pictures_tells_the_same_from_others() -> None:

    rng = np.random.default_rng(3)
    centres = rng.normal(size=(8, 382))
    labels = [{str(at % 8)} for at in range(64)] + [{"alone"}]
    vectors = np.stack([centres[at % 8] + rng.normal(size=382) for at in range(65)])
    vectors[:, -1] = 0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = pictures.likeness(vectors)
    np.testing.assert_allclose(np.diag(alike), 1)
    found = pictures.fit(vectors, labels)

    def chance(score: float) -> float:
        return 1 / (1 + np.exp(-found["picture_scale"] * score - found["picture_offset"]))

    assert chance(float(np.mean([alike[at, at + 8] for at in range(48)]))) > 0.9
    assert chance(float(np.mean([alike[at, at + 1] for at in range(48)]))) < 0.1
