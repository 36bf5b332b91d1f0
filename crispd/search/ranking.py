"""Rankings: the order of results, as far as a query has computed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from crispd.search.encode import EncodedQuery
    from crispd.search.label_set import LabelSet
    from crispd.search.relevance.judge import RelevanceCutoff
    from crispd.search.words.word_evidence import WordEvidence
    from crispd.types import Doubles, Floats, Labels


@dataclass(frozen=True, slots=True)
class ScoredLabels:
    """Labels int64 [n], best first, with their scores.

    ``coarse`` and ``fine`` are float32 [n], NaN where there is none; ``score`` is float64 [n], a
    probability, NaN where nobody looked yet.
    """

    labels: Labels
    score: Doubles
    coarse: Floats
    fine: Floats

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, order: Labels | slice) -> ScoredLabels:
        """Another order, or only a part."""
        return ScoredLabels(
            self.labels[order], self.score[order], self.coarse[order], self.fine[order]
        )

    def extended(self, labels: Labels, coarse: Floats) -> ScoredLabels:
        """The same with further labels behind it, of which only coarse scores are known."""
        unknown = np.full(len(labels), np.nan, np.float32)
        return self.joined(ScoredLabels(labels, unknown.astype(np.float64), coarse, unknown))

    def joined(self, others: ScoredLabels) -> ScoredLabels:
        """The same with others behind it."""
        return ScoredLabels(
            np.concatenate([self.labels, others.labels]),
            np.concatenate([self.score, others.score]),
            np.concatenate([self.coarse, others.coarse]),
            np.concatenate([self.fine, others.fine]),
        )

    @property
    def nbytes(self) -> int:
        """What it holds of memory."""
        return self.labels.nbytes + self.score.nbytes + self.coarse.nbytes + self.fine.nbytes


@dataclass(frozen=True, slots=True)
class SearchScope:
    """The photos that a query may find: ``considered`` contents.

    ``allowed``: labels that the filters let through, and ``rows`` of their photos; None without
    filters.
    """

    considered: int
    allowed: LabelSet | None = None
    rows: LabelSet | None = None

    @property
    def nbytes(self) -> int:
        """What it holds of memory."""
        return sum(part.nbytes for part in (self.allowed, self.rows) if part is not None)


@dataclass(frozen=True, slots=True)
class RelevanceSummary:
    """The relevance of a ranking: ``cutoff`` labels each photo; ``likely`` and ``maybe`` count
    them.
    """

    cutoff: RelevanceCutoff
    likely: int
    maybe: int


@dataclass(frozen=True, slots=True)
class Collapse:
    """Groups side by side with the labels of a ranking: each has ``counts`` of ``members`` from
    ``starts`` on, itself first, the others in the order that they had.
    """

    members: Labels
    starts: Labels
    counts: Labels

    @property
    def nbytes(self) -> int:
        """What it holds of memory."""
        return self.members.nbytes + self.starts.nbytes + self.counts.nbytes

    def take(self, order: Labels) -> Collapse:
        """Another order, or only a part."""
        return Collapse(self.members, self.starts[order], self.counts[order])

    def of(self, index: int) -> Labels:
        """Labels of a group."""
        return self.members[self.starts[index] :][: self.counts[index]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of results. Each step of a search returns a new one.

    ``complete``: there are no more. ``exact``: no approximate index was asked. ``relevance``: None
    where it cannot be told. ``collapse``: what each label stands for, None where for itself.
    ``closest``: the beginning of the order, where none of it may be it. ``matched``: what files
    say.
    """

    encoded: EncodedQuery
    scores: ScoredLabels
    scope: SearchScope
    complete: bool
    exact: bool
    reranked: int = 0
    notes: tuple[str, ...] = ()
    relevance: RelevanceSummary | None = None
    collapse: Collapse | None = None
    closest: Ranking | None = None
    matched: WordEvidence | None = None

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def nbytes(self) -> int:
        """What it holds of memory, about."""
        parts = (self.scores, self.scope, self.collapse, self.matched)
        return sum(part.nbytes for part in parts if part is not None)

    def every_label(self) -> Labels:
        """Labels in the order that ``relabelled`` takes others for them."""
        parts = [self.scores.labels]
        parts += [] if self.collapse is None else [self.collapse.members]
        parts += [] if self.closest is None else [self.closest.every_label()]
        return np.concatenate(parts)

    def first(self, count: int) -> Ranking:
        """The beginning of it, as a ranking that is complete."""
        return replace(self, scores=self.scores.take(slice(count)), complete=True)

    def take(self, order: Labels) -> Ranking:
        """Another order, or only a part."""
        collapse = None if self.collapse is None else self.collapse.take(order)
        return replace(self, scores=self.scores.take(order), collapse=collapse)

    def with_notes(self, *notes: str | None) -> Self:
        """The same with further sentences; None is none."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note is not None)))


def relabelled(ranking: Ranking, labels: Labels) -> Ranking:
    """A complete ranking with other labels for ``every_label``; one that is -1 is left out."""
    count = len(ranking)
    own, rest = labels[:count], labels[count:]
    collapse, closest = ranking.collapse, ranking.closest
    if collapse is not None:
        members, rest = rest[: len(collapse.members)], rest[len(collapse.members) :]
        collapse = replace(collapse, members=members)
    if closest is not None:
        closest = relabelled(closest, rest)
    # its labels are among those of its rows, which stay
    scope = replace(ranking.scope, allowed=None)
    scores = replace(ranking.scores, labels=own)
    found = replace(ranking, scores=scores, scope=scope, collapse=collapse, closest=closest)
    return found if (own >= 0).all() else found.take(np.flatnonzero(own >= 0))
