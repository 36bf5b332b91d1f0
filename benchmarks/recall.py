"""Ranking, measured against a running service: ``python -m benchmarks.recall --data DATA``.

``DATA`` is a folder with ``captions.jsonl`` (``{"image", "split", "captions"}``) and ``images/``.
The photos of the split are served by a crispd of their own on a free port, unless ``--url`` names
one that serves them already. Every caption goes through ``GET /search`` twice, with and without
re-ranking. Intervals: bootstrap over photos, 2,000 draws, paired for the difference.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.report import keep, percentiles, say, table

RANKS = (1, 5, 10)
LIMIT = 10


def read_split(data: Path, split: str) -> dict[str, list[str]]:
    """Captions by image of a split."""
    lines = (data / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, lines)
    return {row["image"]: row["captions"] for row in rows if row["split"] == split}


def place_of(client: httpx.Client, caption: str, image: str, *, rerank: bool) -> tuple[int, float]:
    """0-based place of the image among the first ten, ten where it is not, and milliseconds."""
    parameters = {
        "q": caption, "limit": LIMIT, "rerank": str(rerank).lower(), "min_relevance": "all",
    }  # fmt: skip
    answer = client.get("/search", params=parameters)
    answer.raise_for_status()
    body = answer.json()
    names = [hit["filename"] for hit in body["results"]]
    place = names.index(image) if image in names else LIMIT
    return place, body["timings_ms"]["total"]


def interval(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """95 % of the mean of ``values`` when whole groups are drawn again."""
    rng = np.random.default_rng(0)
    sums, sizes = np.bincount(groups, values), np.bincount(groups)
    draws = rng.integers(0, len(sums), (2000, len(sums)))
    low, high = np.percentile(sums[draws].sum(1) / sizes[draws].sum(1), [2.5, 97.5])
    return float(low), float(high)


def measure(client: httpx.Client, captions: dict[str, list[str]]) -> dict[str, Any]:
    """Places in both orders for every caption."""
    groups, coarse, cascade, times = [], [], [], []
    for number, (image, texts) in enumerate(captions.items()):
        for text in texts:
            groups.append(number)
            # The caption is new to the service the first time: that one pays for its encoding.
            place, took = place_of(client, text, image, rerank=True)
            cascade.append(place)
            times.append(took)
            coarse.append(place_of(client, text, image, rerank=False)[0])
        if number % 100 == 99:
            say(f"{number + 1} of {len(captions)} photos")
    return _figures(np.array(groups), np.array(coarse), np.array(cascade), times)


def _figures(
    groups: np.ndarray, coarse: np.ndarray, cascade: np.ndarray, times: list[float]
) -> dict[str, Any]:
    figures: dict[str, Any] = {"captions": len(groups), "milliseconds": percentiles(times)}
    for k in RANKS:
        before, after = 100.0 * (coarse < k), 100.0 * (cascade < k)
        figures[f"R@{k}"] = {
            "coarse": [before.mean(), *interval(before, groups)],
            "cascade": [after.mean(), *interval(after, groups)],
            "difference": [(after - before).mean(), *interval(after - before, groups)],
        }
    return figures


def serve(folder: Path, data: Path) -> tuple[subprocess.Popen[str], str]:
    """A crispd of our own over a folder; its address."""
    environment = {**os.environ, "CRISPD_DATA_DIR": str(data), "CRISPD_PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "crispd", "serve", str(folder), "--log-level", "warning"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"listening at (\S+)", line)
        if found:
            return process, found[1]
    raise SystemExit("crispd did not start")


def wait_until_searchable(client: httpx.Client, count: int) -> None:
    """Wait until all photos are."""
    while (status := client.get("/status").json())["photos"] < count or status["pending"]:
        say(f"{status['photos']} of {count} searchable")
        time.sleep(2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--url")
    options = parser.parse_args()
    captions = read_split(options.data, options.split)
    with tempfile.TemporaryDirectory() as scratch:
        process, url = None, options.url
        if url is None:
            folder = Path(scratch) / "photos"
            folder.mkdir()
            for image in captions:
                shutil.copy(options.data / "images" / image, folder)
            process, url = serve(folder, Path(scratch) / "data")
        with httpx.Client(base_url=url, timeout=60) as client:
            wait_until_searchable(client, len(captions))
            figures = measure(client, captions)
        if process is not None:
            process.terminate()
            process.wait()
    table(
        ["text to photo", *(f"R@{k} (95 %)" for k in RANKS)],
        [
            [name, *(_cell(figures[f"R@{k}"][name]) for k in RANKS)]
            for name in ("coarse", "cascade", "difference")
        ],
    )
    say(f"{figures['captions']} captions, {figures['milliseconds']} ms a search")
    keep("recall", figures)


def _cell(values: list[float]) -> str:
    mean, low, high = values
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    main()
