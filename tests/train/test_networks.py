"""Parts of the recipe that are easily wrong without anyone noticing."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")

from train.data import Photo  # noqa: E402
from train.depthwise import depthwise  # noqa: E402
from train.described import Described  # noqa: E402
from train.losses import contrastive  # noqa: E402
from train.phrases import meaning  # noqa: E402
from train.texts import Rows  # noqa: E402


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
