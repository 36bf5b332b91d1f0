"""Reports of many evaluations: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from crispd.evaluation.plot import plot_sets
from crispd.evaluation.quality import RANKS
from crispd.evaluation.report import keep, points, share, table
from crispd.evaluation.suite import AGAINST

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.evaluation.suite import ArmResult, SetResult, SuiteResult


def as_dict(found: SuiteResult) -> dict[str, Any]:
    """Plain values, ranks as text."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(found)))
    return plain


def as_markdown(found: SuiteResult) -> str:
    """A table of every set and arm, and what was gained from one arm to the next."""
    head = ["set", "kind", "asked", *(f"R@{k}" for k in RANKS), "precision"]
    gains = ["set", "gained", *(f"R@{k}" for k in RANKS)]
    parts = [
        f"# {found.pack}" + ("" if found.fine_pack is None else f", {found.fine_pack} re-ranks"),
        "",
        "Percent, with 95 % intervals: bootstrap over photos; over texts where photos share them "
        "(words). R@k: a right photo is among the first k. Precision: of the first min(10, number "
        "right). Served: parsed, spelling corrected, by the engine, `min_relevance=all`.",
        "",
        *table(head, [_row(one, arm) for one in found.sets for arm in one.arms]),
        "",
        *table(gains, [_gain(one, arm) for one in found.sets for arm in one.arms if arm.against]),
        "",
        *table(
            ["set", "photos", "texts", "domain", "answers that end before the first photo"],
            [
                [f"{one.name}, {one.split}", f"{one.photos:,}", f"{one.queries:,}", one.domain,
                 share(one.empty)]
                for one in found.sets
            ],
        ),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def store(found: SuiteResult, name: str, folder: Path) -> list[Path]:
    """Write the tables, the JSON, and the plot where it can be drawn; the files."""
    contents = {
        ".json": json.dumps(as_dict(found), indent=1) + "\n",
        ".md": as_markdown(found),
    }
    packs = found.pack if found.fine_pack is None else f"{found.pack}-{found.fine_pack}"
    stem = f"{name}-{packs.replace('@', '-')}"
    return keep(folder, stem, contents, lambda: plot_sets(found))


def _row(one: SetResult, arm: ArmResult) -> list[str]:
    precision = share(arm.precision) if one.kind == "words" else ""
    return [one.name, one.kind, arm.name, *(share(arm.recall[k]) for k in RANKS), precision]


def _gain(one: SetResult, arm: ArmResult) -> list[str]:
    name = f"{arm.name} over {AGAINST[arm.name]}"
    return [one.name, name, *(points(arm.against[k]) for k in RANKS)]
