"""Which texts describe which photos, beyond the ones they were written for."""

from __future__ import annotations

import numpy as np
import torch

from train.data.photos import Photo
from train.data.phrases import meaning
from train.data.texts import Rows


class Described:
    """Texts and photos of a corpus as sets of stems.

    A text describes a photo whose captions have all of its words. The whole label of a labelled
    photo is stricter, since labels count: "a photo of a dog" is not one of "two dogs and a person",
    so among labelled photos it describes those of the same label.
    """

    def __init__(self, photos: list[Photo], rows: Rows) -> None:
        shown = [frozenset().union(*map(meaning, photo.captions)) for photo in photos]
        stems = {stem: at for at, stem in enumerate(sorted(frozenset().union(*shown)))}
        self._shown = _sparse([sorted(stems[s] for s in words) for words in shown], len(stems))
        # A stem that no photo has cannot be matched: it counts, but has no column.
        self._meant = _sparse(
            [sorted(stems[s] for s in words if s in stems) for words in rows.meaning], len(stems)
        )
        self._sizes = torch.tensor([len(words) for words in rows.meaning])
        labels = {row: row for p, texts in zip(photos, rows.captions, strict=True)
                  for row in texts[:1] if not p.human}  # fmt: skip
        self._label = torch.tensor([labels.get(row, -1) for row in range(len(rows.meaning))])
        self._labelled = torch.tensor(
            [-1 if p.human else texts[0] for p, texts in zip(photos, rows.captions, strict=True)]
        )

    def matrix(self, rows: list[int], photos: list[int]) -> torch.Tensor:
        """bool [T, P] of rows of texts and indices of photos."""
        texts, places = torch.tensor(rows), torch.tensor(photos)
        if len(rows) < len(photos):
            shared = _rows(self._shown, places) @ _dense(self._meant, texts).T
            shared = shared.T
        else:
            shared = _rows(self._meant, texts) @ _dense(self._shown, places).T
        same = shared >= self._sizes[texts][:, None]
        label, labelled = self._label[texts][:, None], self._labelled[places][None, :]
        return torch.where((label >= 0) & (labelled >= 0), label == labelled, same)


def _sparse(lists: list[list[int]], width: int) -> torch.Tensor:
    """CSR [N, width] with ones."""
    starts = np.concatenate([[0], np.cumsum([len(entries) for entries in lists])])
    columns = np.array([at for entries in lists for at in entries], np.int64)
    return torch.sparse_csr_tensor(
        torch.from_numpy(starts),
        torch.from_numpy(columns),
        torch.ones(len(columns)),
        (len(lists), width),
        check_invariants=True,
    )


def _rows(matrix: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """CSR of some rows of a CSR."""
    starts, columns = matrix.crow_indices(), matrix.col_indices()
    lengths = (starts[1:] - starts[:-1])[chosen]
    ends = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)])
    within = torch.arange(int(ends[-1])) - ends[:-1].repeat_interleave(lengths)
    taken = columns[starts[chosen].repeat_interleave(lengths) + within]
    size = (len(chosen), matrix.shape[1])
    return torch.sparse_csr_tensor(ends, taken, torch.ones(len(taken)), size, check_invariants=True)


def _dense(matrix: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Some rows, dense."""
    return _rows(matrix, chosen).to_dense()
