"""Indexing as others do it, with the same model: ``python -m benchmarks.indexing.peers_indexing``.

12-megapixel JPEGs through crispd, through rclip's own code (``--rclip PYTHON`` of an environment
with ``pip install rclip==3.3.0``), and through previews and one call a photo as Immich does it. All
take turns, each in processes of its own; loading a model is not counted. Besides vectors, crispd
makes region tokens, thumbnails, metadata and an index of words.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.report import RESULTS, keep, say, table
from benchmarks.indexing.index_speed import crispd, make_photos
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.sessions.graph_choice import choose

_HERE = Path(__file__).parent


def job() -> dict[str, Any]:
    """The image graph that crispd would take here, and how it is fed."""
    folder = find_pack("mini")
    part = read_manifest(folder).image
    return {
        "graph": str(folder / choose(part, "auto")), "input": part.input_name,
        "output": part.output_name, "size": part.size, "mean": list(part.mean),
        "std": list(part.std), "precision": "0" if part.int8_in_16_bits else "1",
    }  # fmt: skip


def ways(photos: Path, rclip: str | None) -> dict[str, list[str]]:
    """Commands by name, besides crispd."""
    told = json.dumps(job())
    preview = [
        sys.executable,
        "-m",
        "benchmarks.indexing.peers_indexing.preview_path",
        str(photos),
        told,
    ]
    found = {
        "Immich's way, decoded whole": [*preview, "whole"],
        "Immich's way, decoded scaled": [*preview, "scaled"],
    }
    if rclip is not None:
        found["rclip 3.3.0"] = [rclip, str(_HERE / "rclip_path.py"), str(photos), told]
    return found


def measured(command: list[str]) -> dict[str, float]:
    """Photos a second, and milliseconds of the processor a photo."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[:3]} failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return {
        "a_second": found["photos"] / found["clock"],
        "cpu_ms": 1000 * found["cpu"] / found["photos"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="for the photos, to be used again")
    parser.add_argument("--rclip", help="a Python that has rclip")
    given = parser.parse_args()
    rows: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.folder or Path(scratch) / "photos").resolve()
        if not folder.exists():
            say(f"making {given.photos} photos of 12 megapixels")
            folder.mkdir(parents=True)
            make_photos(folder, given.photos)
        for number in range(given.rounds):
            rate = crispd(folder, Path(scratch) / f"data{number}")
            found = {"crispd": {"a_second": rate.a_second, "cpu_ms": rate.cpu_ms}}
            found |= {name: measured(each) for name, each in ways(folder, given.rclip).items()}
            for name, values in found.items():
                rows.setdefault(name, []).append(values)
            say(f"round {number + 1}: {found}")
    middle = {
        name: {key: float(np.median([row[key] for row in each])) for key in each[0]}
        for name, each in rows.items()
    }

    def times(name: str) -> list[str]:
        """By clock and by processor, the median of the rounds."""
        pairs = list(zip(rows["crispd"], rows[name], strict=True))
        clock = [own["a_second"] / other["a_second"] for own, other in pairs]
        cpu = [other["cpu_ms"] / own["cpu_ms"] for own, other in pairs]
        return [f"{np.median(clock):.1f}", f"{np.median(cpu):.1f}"]

    table(
        ["way", "photos a second", "ms of the processor a photo", "crispd is faster, times",
         "times by the processor"],
        [[name, f"{values['a_second']:.1f}", f"{values['cpu_ms']:.0f}",
          *times(name)] for name, values in middle.items()],
    )  # fmt: skip
    keep("peers_indexing", {"load_average": os.getloadavg()[0], "rounds": rows})
    draw(middle)


def draw(found: dict[str, dict[str, float]]) -> None:
    """A bar for each way."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.8))
    axes = figure.subplots()
    bars = axes.barh(list(found), [values["cpu_ms"] for values in found.values()])
    axes.bar_label(bars, fmt="%.0f")
    axes.invert_yaxis()
    axes.set(xlabel="ms of the processor a photo of 12 megapixels")
    figure.tight_layout()
    figure.savefig(RESULTS / "peers_indexing.svg")


if __name__ == "__main__":
    main()
