"""Receipts found by shop and total: ``python -m benchmarks.finding.receipts --data DATA``.

A service over the 108 photos of receipts in ``DATA/everyday``, 224 pixels wide, reads them and is
asked for the 62 of ``receipts.tsv`` that a person can read: shop and total, the total alone, the
shop alone. Faults were looked for at the first 25; at the other 37 nothing was fitted. Several
receipts are of one shop, so a shop alone is also counted where any of its receipts comes first.
Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.common.report import keep, table
from benchmarks.finding.text_reading import RECEIPTS, wilson
from tests.e2e.server import Server

SEEN = 25  # at which faults were looked for
_READING_SECONDS = 3600
_ASKED: dict[str, Callable[[str, str], str]] = {
    "shop and total": lambda shop, total: f"{shop} {total}",
    "total": lambda _, total: total,
    "shop": lambda shop, _: shop,
}


def copy_receipts(data: Path, folder: Path) -> None:
    """All receipts that there are, into a new folder."""
    folder.mkdir(parents=True)
    for path in sorted((data / "everyday" / "images").iterdir()):
        if path.name.startswith(("sroie", "receipts2")):
            shutil.copy(path, folder)


def first(server: Server, **asked: str) -> str:
    """Path of the first result; empty where there is none."""
    found = server.get("/search", limit=1, **asked)["results"]
    return str(found[0]["path"]) if found else ""


def listed() -> list[tuple[str, str, str]]:
    """File, shop and total of each receipt that a person can read."""
    rows = (line.split("\t") for line in RECEIPTS.read_text(encoding="utf-8").splitlines())
    return [(name, shop, total) for name, shop, total in rows]


def report(server: Server) -> None:
    """Ask for each, whose photo lies in ``receipts/`` or beside it; a table, and JSON."""
    receipts = listed()
    shops = {name: shop for name, shop, _ in receipts}
    rows, kept = [], {}
    for what, asked in _ASKED.items():
        found = [Path(first(server, q=asked(shop, total))).name for _, shop, total in receipts]
        right = [got == name for got, (name, *_) in zip(found, receipts, strict=True)]
        ways = {what: right}
        if what == "shop":
            ways["shop, any receipt of it"] = [
                shops.get(got) == shop for got, (_, shop, _) in zip(found, receipts, strict=True)
            ]
        for way, hits in ways.items():
            parts = (hits[SEEN:], hits[:SEEN])
            rows.append([way, *(wilson(sum(part), len(part)) for part in parts)])
        kept[what] = {
            f"{shop} {total} ({name})": got
            for got, (name, shop, total), hit in zip(found, receipts, right, strict=True)
            if not hit
        }
    table(["asked", f"{len(receipts) - SEEN} others, found first", f"the {SEEN}"], rows)
    keep("receipts", {"of": len(receipts), "rows": rows, "missed": kept})


def main() -> None:
    """Read and ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        copy_receipts(given.data, photos / "receipts")
        server = Server(Path(folder) / "data", photos, read_text="on", thumbnails_ahead="false")
        try:
            server.settle(_READING_SECONDS)
            server.until(lambda now: now["text_pending"] == 0, _READING_SECONDS)
            report(server)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
