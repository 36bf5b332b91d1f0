"""Tokens of regions out of networks that nobody tuned, and the fine model over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from train.fine.looked import CLASSES, TOP, WIDTH, Looked
from train.fine.network import TOKEN_DIM, Fine

KEPT_DIRECTIONS = 384  # principal ones, of each network
FEATURES = 2 * KEPT_DIRECTIONS + CLASSES
MEANS = 2 * WIDTH + CLASSES
_CHUNK = 256
_GROUPS = (KEPT_DIRECTIONS, KEPT_DIRECTIONS, CLASSES)
_MEAN_GROUPS = (WIDTH, WIDTH, CLASSES)
_FLOORS = (0.3, 0.1)  # of the spread of a group, below which no channel's counts


@dataclass(frozen=True, slots=True)
class Directions:
    """The principal directions of each network's regions: ``centre`` [2, 1280], ``axes``
    [2, 1280, K].
    """

    centre: torch.Tensor
    axes: torch.Tensor


@dataclass(frozen=True, slots=True)
class Untouched:
    """Of photos: ``regions`` float16 [P, 49, F] along the directions, ``means`` float32 [P, M]."""

    regions: np.ndarray
    means: np.ndarray

    def batch(self, places: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """float32 regions [B, 49, F] and means [B, M]."""
        return torch.from_numpy(self.regions[places]).float(), torch.from_numpy(self.means[places])


def directions(maps: np.ndarray) -> Directions:
    """Of maps [P, 49, 2560] as they are kept."""
    centres, axes = [], []
    for part in (slice(0, WIDTH), slice(WIDTH, 2 * WIDTH)):
        x = torch.from_numpy(maps[..., part].reshape(-1, WIDTH)).float() * (TOP / 255)
        centres.append(x.mean(0))
        x -= centres[-1]
        axes.append(torch.linalg.eigh(x.T @ x / len(x)).eigenvectors.flip(1)[:, :KEPT_DIRECTIONS])
    return Directions(torch.stack(centres), torch.stack(axes))


def along(found: Directions, looked: Looked) -> Untouched:
    """All photos."""
    count = len(looked.maps)
    regions = np.empty((count, looked.maps.shape[1], FEATURES), np.float16)
    means = np.empty((count, MEANS), np.float32)
    for start in range(0, count, _CHUNK):
        some = slice(start, start + _CHUNK)
        maps = torch.from_numpy(np.array(looked.maps[some])).float() * (TOP / 255)
        parts = [
            (maps[..., at * WIDTH : (at + 1) * WIDTH] - found.centre[at]) @ found.axes[at]
            for at in (0, 1)
        ]
        objects = torch.from_numpy(np.array(looked.objects[some])).float()
        regions[some] = torch.cat([*parts, objects], -1).numpy()
        means[some] = torch.cat([maps.mean(1), objects.amax(1)], -1).numpy()
    return Untouched(regions, means)


def _standard(x: torch.Tensor, groups: tuple[int, ...], floor: float) -> tuple[torch.Tensor, ...]:
    """Centre and spread of channels; what hardly differs is not blown up."""
    least = torch.cat([floor * part.std().expand(part.shape[1]) for part in x.split(groups, 1)])
    return x.mean(0), x.std(0) + least


class RegionTokens(nn.Module):
    """regions [B, 49, F], means [B, M] -> tokens [B, 50, 96]. While it learns, ``dropout`` hides
    channels, and ``hidden`` whole networks, of a photo.
    """

    def __init__(
        self, regions: torch.Tensor, means: torch.Tensor, dropout: float, hidden: float
    ) -> None:
        super().__init__()
        standards = (
            *_standard(regions.flatten(0, 1), _GROUPS, _FLOORS[0]),
            *_standard(means, _MEAN_GROUPS, _FLOORS[1]),
        )
        names = ("centre", "spread", "mean_centre", "mean_spread")
        for name, value in zip(names, standards, strict=True):
            self.register_buffer(name, value)
        self.region, self.around = nn.Linear(FEATURES, TOKEN_DIM), nn.Linear(MEANS, TOKEN_DIM)
        self.whole, self.norm = nn.Linear(MEANS, TOKEN_DIM), nn.LayerNorm(TOKEN_DIM)
        nn.init.zeros_(self.around.weight)
        nn.init.zeros_(self.around.bias)
        self.dropout, self.hidden = dropout, hidden

    def standard(
        self, regions: torch.Tensor, means: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Both as the layers take them."""
        return (regions - self.centre) / self.spread, (means - self.mean_centre) / self.mean_spread

    def forward(self, regions: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
        x, mean = self.standard(regions, means)
        if self.training:
            shown = (torch.rand(len(x), len(_GROUPS)) > self.hidden).float()
            shown[shown.sum(1) == 0] = 1
            x = x * self._seen(shown, _GROUPS)[:, None]
            mean = mean * self._seen(shown, _MEAN_GROUPS)
        told = self.region(x) + self.around(mean)[:, None]
        return self.norm(torch.cat([told, self.whole(mean)[:, None]], 1))

    def _seen(self, shown: torch.Tensor, groups: tuple[int, ...]) -> torch.Tensor:
        channels = shown.repeat_interleave(torch.tensor(groups), 1)
        kept = (torch.rand(channels.shape) > self.dropout) / (1 - self.dropout)
        return channels * kept

    @torch.no_grad()
    def begin(self, untouched: Untouched, tokens: np.ndarray) -> None:
        """Nearest to other ``tokens`` [P, 50, 96] of the photos, by ridge regression."""
        x, mean = self.standard(*untouched.batch(np.arange(len(tokens))))
        wanted = torch.from_numpy(np.array(tokens)).float()
        for layer, given, told, ridge in (
            (self.region, x.flatten(0, 1), wanted[:, :-1].flatten(0, 1), 0.3),
            (self.whole, mean, wanted[:, -1], 3.0),
        ):
            weight = solved(given.T @ given, given.T @ (told - told.mean(0)), ridge)
            layer.weight.copy_(weight.T)
            layer.bias.copy_(told.mean(0))


def solved(square: torch.Tensor, product: torch.Tensor, ridge: float) -> torch.Tensor:
    """Ridge regression; ``ridge`` counts as the mean square of a dimension."""
    eye = torch.eye(len(square))
    return torch.linalg.solve(square + ridge * square.diagonal().mean() * eye, product)


class FineOverRegions(nn.Module):
    """The word-by-region score, with a linear layer over the words before it, and how near the text
    as a whole is to the last token, which is of the whole photo.
    """

    def __init__(self, fine: Fine) -> None:
        super().__init__()
        self.words, self.first = nn.Linear(TOKEN_DIM, TOKEN_DIM), fine
        self.text, self.weigh = nn.Linear(TOKEN_DIM, TOKEN_DIM), nn.Linear(TOKEN_DIM, 1)
        self.counts = nn.Parameter(torch.tensor(1.0))
        for layer in (self.words, self.text):
            nn.init.eye_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.weigh.weight)

    def forward(
        self, words: torch.Tensor, mask: torch.Tensor, regions: torch.Tensor
    ) -> torch.Tensor:
        """words [..., L, D], mask [..., L], regions [..., K, R, D] -> scores [..., K]."""
        weights = (self.weigh(words).squeeze(-1) - 1e4 * (1 - mask)).softmax(-1)
        text = (weights.unsqueeze(-1) * self.text(words)).sum(-2)
        whole = (regions[..., -1, :] @ text.unsqueeze(-1)).squeeze(-1) * TOKEN_DIM**-0.5
        return self.first(self.words(words), mask, regions) + self.counts * whole

    @torch.no_grad()
    def times(self, factor: float) -> None:
        """Make all scores so many times as large."""
        for layer in (self.first.judge[-1], self.first.gather, self.first.popularity[-1]):
            layer.weight *= factor
            layer.bias *= factor
        self.first.best *= factor
        self.counts *= factor


class RegionGraph(nn.Module):
    """What the graph of photos knows -> tokens [B, 50, 96]: maps [B, 1280, 49] of both networks,
    how sure the detector is [B, 3, 49, 80], means [B, 1280] of both, tokens of the pack before.
    Directions and standards are folded into the layers. ``older``: of the tokens before in the sum.
    """

    def __init__(self, tokens: RegionTokens, found: Directions, older: float, few: float) -> None:
        super().__init__()
        weight = tokens.region.weight / tokens.spread
        parts = weight.split(_GROUPS, 1)
        self.first, self.second = (
            nn.Parameter(part @ axes.T) for part, axes in zip(parts[:2], found.axes, strict=True)
        )
        self.objects = nn.Parameter(parts[2].T.contiguous())
        bias = tokens.region.bias + tokens.around.bias - weight @ tokens.centre
        bias = bias - self.first @ found.centre[0] - self.second @ found.centre[1]
        both = torch.cat([tokens.around.weight, tokens.whole.weight]) / tokens.mean_spread
        self.means = nn.ParameterList([part.T.contiguous() for part in both.split(_MEAN_GROUPS, 1)])
        moved = both @ tokens.mean_centre
        self.bias = nn.Parameter(bias - moved[:TOKEN_DIM])
        self.whole = nn.Parameter(tokens.whole.bias - moved[TOKEN_DIM:])
        self.norm, self.older, self.few = tokens.norm, older, few

    def forward(
        self, first: torch.Tensor, second: torch.Tensor, sure: torch.Tensor,
        first_mean: torch.Tensor, second_mean: torch.Tensor, before: torch.Tensor,
    ) -> torch.Tensor:  # fmt: skip
        objects = (sure.amax(1) + self.few).log()
        mean = first_mean @ self.means[0] + second_mean @ self.means[1]
        mean = mean + objects.amax(1) @ self.means[2]
        around, whole = mean.split(TOKEN_DIM, 1)
        told = (self.first @ first + self.second @ second).transpose(1, 2) + objects @ self.objects
        told = told + (around + self.bias)[:, None]
        found = self.norm(torch.cat([told, (whole + self.whole)[:, None]], 1))
        return (found + self.older * before) / (1 + self.older)
