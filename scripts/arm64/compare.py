"""Compares two outputs of ``answers.py``: ``python compare.py REFERENCE OTHER float|int8``.

float: the same photos in the same order, scores within 1e-3, for every question. int8: of the first
ten of each answer at least nine are the same. Exit code 1 where that does not hold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_TOLERANCE = 1e-3
_FIRST, _LEAST_SAME = 10, 9


def main(reference: dict[str, Any], other: dict[str, Any], how: str) -> bool:
    """Print a few facts; whether it holds."""
    if reference["answers"].keys() != other["answers"].keys() or not reference["answers"]:
        print("The questions differ.")
        return False
    pairs = [(hits, other["answers"][words]) for words, hits in reference["answers"].items()]
    same_order = sum(_paths(a) == _paths(b) for a, b in pairs)
    exact = sum(_paths(a) == _paths(b) and _apart(a, b) <= _TOLERANCE for a, b in pairs)
    shared = [len(set(_paths(a)[:_FIRST]) & set(_paths(b)[:_FIRST])) for a, b in pairs]
    fewest = min(len(a) for a, _ in pairs)
    for name, run in (("reference", reference), ("other", other)):
        print(
            f"{name}: {run['machine']}, {run['image_graph']}, {run['text_graph']}, "
            f"{run['photos']} photos, {run['failed']} failed, {run['seconds']} s"
        )
    print(
        f"of {len(pairs)} questions {same_order} in the same order, {exact} of these with "
        f"all scores within {_TOLERANCE}; greatest difference "
        f"{max(_apart(a, b) for a, b in pairs):.1e}; of the first ten at least {min(shared)} "
        f"the same, on average {sum(shared) / len(shared):.2f}"
    )
    if reference["photos"] != other["photos"] or other["failed"] != reference["failed"]:
        return False
    if fewest < _FIRST:
        print(f"Too few photos to compare: {fewest} hits.")
        return False
    if how == "int8":
        return min(shared) >= _LEAST_SAME
    return exact == len(pairs)


def _apart(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> float:
    return max(_difference(a, b, "score"), _difference(a, b, "coarse"))


def _paths(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["path"] for hit in hits]


def _difference(a: list[dict[str, Any]], b: list[dict[str, Any]], name: str) -> float:
    """Over photos that both found."""
    there = {hit["path"]: hit[name] for hit in b}
    return max(
        (abs(hit[name] - there[hit["path"]]) for hit in a if hit["path"] in there), default=0.0
    )


if __name__ == "__main__":
    first, second = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    sys.exit(0 if main(first, second, sys.argv[3]) else 1)
