"""Ranking, measured against a running service: ``python -m benchmarks.ranking.recall --data DATA``.

``DATA`` is a folder with ``captions.jsonl`` (``{"image", "split", "captions"}``) and ``images/``.
The photos of the split, of ``--set`` where there are several, and those of ``--beside``, which
nobody asks for, are served by a crispd of their own on a free port, unless ``--url`` names one that
serves them already. Every caption goes through ``GET /search`` without re-ranking, as people ask
it, and without parsing and spelling; ``direct`` is the cascade of the pack itself over the
same photos. Also how many answers are empty as people get them, though the photo is there.
Intervals: bootstrap over photos, 2,000 draws, paired for differences.
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.common.report import keep, percentiles, say, table
from crispd.evaluation.arms import Arms
from crispd.evaluation.encoded import encode_library
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.types import DecodeLimits

RANKS = (1, 5, 10)
LIMIT = 10


def read_split(data: Path, split: str, name: str | None = None) -> dict[str, list[str]]:
    """Captions by image of a split, of one set where it is named."""
    lines = (data / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == split]
    return {row["image"]: row["captions"] for row in rows if name in {None, row.get("set")}}


ASKED: dict[str, dict[str, str]] = {
    "coarse": {"rerank": "false", "parse": "false", "spelling": "false"},
    "served": {},
    "unparsed": {"parse": "false", "spelling": "false"},
}


def search(client: httpx.Client, caption: str, **parameters: str) -> dict[str, Any]:
    """The first ten of an answer that goes on to its end."""
    given = {"q": caption, "limit": str(LIMIT), "min_relevance": "all", **parameters}
    answer = client.get("/search", params=given)
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def place_of(names: list[str], image: str) -> int:
    """0-based place of the image among the first ten, ten where it is not."""
    return names.index(image) if image in names else LIMIT


class Direct:
    """The cascade of the pack itself, without a service."""

    def __init__(self, paths: list[Path], pack: Pack) -> None:
        limits = DecodeLimits(max_pixels=100_000_000, max_bytes=100_000_000)
        self._library = encode_library(paths, pack, limits, 320, lambda _count: None)
        self._names = [path.name for path in paths]
        self._pack, self._arms = pack, Arms(pack, self._library)

    def first(self, caption: str) -> list[str]:
        """Names of the first ten."""
        assert self._pack.reranker is not None
        text = self._pack.text_encoder.encode(caption)
        found = self._arms.cascade(text, self._pack.reranker.short_list)[:LIMIT]
        return [self._names[label] for label in found]


def interval(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """95 % of the mean of ``values`` when whole groups are drawn again."""
    rng = np.random.default_rng(0)
    sums, sizes = np.bincount(groups, values), np.bincount(groups)
    draws = rng.integers(0, len(sums), (2000, len(sums)))
    low, high = np.percentile(sums[draws].sum(1) / sizes[draws].sum(1), [2.5, 97.5])
    return float(low), float(high)


def measure(client: httpx.Client, captions: dict[str, list[str]], direct: Direct) -> dict[str, Any]:
    """Places in all orders for every caption."""
    groups: list[int] = []
    places: dict[str, list[int]] = {name: [] for name in (*ASKED, "direct")}
    times, empty, same = [], [], []
    for number, (image, texts) in enumerate(captions.items()):
        for text in texts:
            groups.append(number)
            found = {name: search(client, text, **given) for name, given in ASKED.items()}
            names = {
                name: [hit["filename"] for hit in body["results"]] for name, body in found.items()
            }
            names["direct"] = direct.first(text)
            for name, listed in names.items():
                places[name].append(place_of(listed, image))
            same.append(names["unparsed"] == names["direct"])
            # the words are known by now: a first question also pays for their encoding
            times.append(found["served"]["timings_ms"]["total"])
            empty.append(not found["served"]["likely"] and not found["served"]["maybe"])
        if number % 100 == 99:
            say(f"{number + 1} of {len(captions)} photos")
    figures = _figures(np.array(groups), {name: np.array(at) for name, at in places.items()})
    figures["milliseconds"] = percentiles(times)
    figures["empty"] = [100 * np.mean(empty), *interval(100.0 * np.array(empty), np.array(groups))]
    figures["first ten as direct"] = 100 * float(np.mean(same))
    return figures


DIFFERENCES = (("direct", "coarse"), ("unparsed", "direct"), ("served", "unparsed"))


def _figures(groups: np.ndarray, places: dict[str, np.ndarray]) -> dict[str, Any]:
    figures: dict[str, Any] = {"captions": len(groups)}
    for k in RANKS:
        found = {name: 100.0 * (at < k) for name, at in places.items()}
        rows = found | {f"{one} - {other}": found[one] - found[other] for one, other in DIFFERENCES}
        figures[f"R@{k}"] = {
            name: [values.mean(), *interval(values, groups)] for name, values in rows.items()
        }
    return figures


@contextmanager
def served(folder: Path, data: Path) -> Iterator[str]:
    """The address of a crispd of our own over a folder, which ends with the block."""
    environment = {**os.environ, "CRISPD_DATA_DIR": str(data), "CRISPD_PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "crispd", "serve", str(folder), "--log-level", "warning"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"listening at (\S+)", line)
            if found:
                yield found[1]
                return
        raise SystemExit("crispd did not start")
    finally:
        process.terminate()
        process.wait()


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
    parser.add_argument("--set", help="photos of this set only")
    parser.add_argument("--beside", help="split of photos that only stand in the way")
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--url")
    options = parser.parse_args()
    captions = read_split(options.data, options.split, options.set)
    if not captions:
        raise SystemExit(f"{options.data} has no photos of that --split and --set.")
    beside = read_split(options.data, options.beside) if options.beside else {}
    paths = [options.data / "images" / image for image in (*captions, *beside)]
    direct = Direct(paths, load_pack(find_pack(options.pack), index_threads=2, search_threads=2))
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        url = options.url
        if url is None:
            folder = Path(scratch) / "photos"
            folder.mkdir()
            for path in paths:
                shutil.copy(path, folder)
            url = stack.enter_context(served(folder, Path(scratch) / "data"))
        with httpx.Client(base_url=url, timeout=60) as client:
            wait_until_searchable(client, len(paths))
            figures = measure(client, captions, direct)
    table(
        ["text to photo", *(f"R@{k} (95 %)" for k in RANKS)],
        [[name, *(_cell(figures[f"R@{k}"][name]) for k in RANKS)] for name in figures["R@1"]],
    )
    say(f"{figures['captions']} captions, {figures['milliseconds']} ms a search")
    say(f"empty though the photo is there: {_cell(figures['empty'])} %")
    say(f"the first ten as without a service: {figures['first ten as direct']:.1f} %")
    keep("recall", figures)


def _cell(values: list[float]) -> str:
    mean, low, high = values
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    main()
