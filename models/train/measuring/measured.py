"""What ``crispd eval`` found put into a pack's card:
``python -m train.measuring.measured PACK FILE.json``.

``FILE.json`` is what ``crispd eval`` keeps of a folder of data sets. Run it with the pack as it
ships, last of all: the card's checksum in ``pack.toml`` is written anew.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from train.packing.sums import write_sums
from train.running.atomic import rewrite

HEADING = "## What strangers get"
PENDING = f"""{HEADING}
Not measured yet: `crispd eval DATA --out FOLDER`, then
`python -m train.measuring.measured PACK FILE.json`.
"""
_ABOUT = {
    "strangers": """Photos and words of others, from which nothing was learnt, as the files
ship. What your own photos give is nearer to this than to the figures further down. Served: as
`GET /search` answers with `min_relevance=all`. In brackets: 95 %, bootstrap over photos.""",
    "in-domain": "The same where a data set also has photos that the recipe may have learnt from:",
}
_WAYS = ("coarse", "cascade", "served")


def section(found: dict[str, Any]) -> str:
    """The card's first section, strangers before others."""
    lines = [HEADING]
    for domain, about in _ABOUT.items():
        sets = [one for one in found["sets"] if one["domain"] == domain]
        if sets:
            lines += [about, "", *_table(sets), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(sets: list[dict[str, Any]]) -> list[str]:
    rows = ["| asked | | R@1 | R@5 | R@10 | precision |", "|---|---|---|---|---|---|"]
    for one in sets:
        about = (
            f"{one['name']}: {one['queries']:,} {one['kind']}, {one['photos']:,} photos; "
            f"{one['empty']['value']:.0f} % of the answers end before the first photo"
        )
        for arm in one["arms"]:
            if arm["name"] in _WAYS:
                cells = [_cell(arm["recall"][k]) for k in ("1", "5", "10")]
                cells.append(_cell(arm["precision"]) if one["kind"] == "words" else "")
                rows.append(f"| {about} | {arm['name']} | {' | '.join(cells)} |")
                about = ""
    return rows


def _cell(share: dict[str, float]) -> str:
    return f"{share['value']:.1f} ({share['low']:.1f} to {share['high']:.1f})"


def put(folder: Path, found: dict[str, Any]) -> None:
    """Write the section into the card, and the card's checksum into the manifest."""
    card = folder / "CARD.md"
    text = card.read_text(encoding="utf-8")
    rest = re.sub(rf"{HEADING}\n.*?(?=^## )", "", text, flags=re.DOTALL | re.MULTILINE)
    head, mark, tail = rest.partition("## Made from\n")
    rewrite(card, f"{head}{section(found)}\n{mark}{tail}")
    write_sums(folder)


def main() -> None:
    """Read, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("found", type=Path)
    options = parser.parse_args()
    put(options.pack, json.loads(options.found.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
