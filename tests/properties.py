"""How many examples a property of its own number of them takes."""

from __future__ import annotations

from hypothesis import settings

FEW, ALL = 25, 100
"""Of a property without a number of its own: of ``make test`` and of ``make test-all``."""


def examples(count: int) -> int:
    """So many where all are tried, and the same share of them where few are."""
    return max(5, count * settings.default.max_examples // ALL)
