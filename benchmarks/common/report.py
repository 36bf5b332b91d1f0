"""Tables, JSON, and the machine in general terms."""

from __future__ import annotations

import json
import os
import platform
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).parent.parent / "results"


def machine() -> dict[str, Any]:
    """Architecture, cores and Python; nothing that names a machine."""
    return {
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def table(head: list[str], rows: list[list[Any]]) -> None:
    """A Markdown table on stdout."""
    lines = [head, ["---"] * len(head), *rows]
    for line in lines:
        sys.stdout.write("| " + " | ".join(map(str, line)) + " |\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A line on stderr: progress, not results."""
    sys.stderr.write(text + "\n")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, put in the place of a pack's file: a running crispd has a second name for
    what is there.
    """
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    yield part
    part.replace(path)


def keep(name: str, values: dict[str, Any]) -> None:
    """``benchmarks/results/NAME.json``."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **values}, indent=2) + "\n")
    say(f"written: {path}")
