"""Reports of one evaluation: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from crispd.evaluation.evaluate import LOSS
from crispd.evaluation.plot import can_plot, plot
from crispd.evaluation.quality import RANKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from crispd.evaluation.evaluate import Evaluation, EvaluationRow
    from crispd.evaluation.quality import Proportion


def as_dict(found: Evaluation) -> dict[str, Any]:
    """Plain values, ranks as text."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(found)))
    return plain


def as_markdown(found: Evaluation) -> str:
    """Two tables, quality and time, and what stands beside them."""
    parts = [
        f"# {found.pack} on {found.dataset}, {found.split}",
        "",
        f"{found.photos:,} photos, {found.captions:,} captions, {found.threads} threads, "
        f"{found.bytes_each:,} bytes a photo (vector and tokens), at most "
        f"{found.peak_memory_mb:.0f} MB of memory. Intervals: 95 %, bootstrap over photos; "
        "differences are paired.",
        "",
        *_quality(found.rows),
        "",
        *_time(found.rows),
    ]
    if any(row.short_list for row in found.rows):
        shortest = f"K = {found.shortest}" if found.shortest else "none of these"
        parts += ["", f"Shortest list that loses at most {LOSS} points at every rank: {shortest}."]
    return "\n".join(parts) + "\n"


def store(found: Evaluation, folder: Path) -> list[Path]:
    """Write the tables, the JSON, and the plot where it can be drawn; the files."""
    stem = f"{found.dataset}-{found.split}-{found.photos}-{found.pack.replace('@', '-')}"
    contents = {".json": json.dumps(as_dict(found), indent=1) + "\n", ".md": as_markdown(found)}
    return keep(folder, stem, contents, lambda: plot(found))


def keep(
    folder: Path, stem: str, contents: Mapping[str, str], draw: Callable[[], str]
) -> list[Path]:
    """Write files of one name, by suffix, and what is drawn, where matplotlib is there."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {".svg": draw()} if can_plot() else {}
    paths = []
    for suffix, content in {**contents, **drawn}.items():
        path = folder / f"{stem}{suffix}"
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return paths


def _quality(rows: tuple[EvaluationRow, ...]) -> list[str]:
    labelled = any(row.precision is not None for row in rows)
    head = ["ranking", *(f"R@{k}" for k in RANKS), *(f"against full, R@{k}" for k in RANKS)]
    head += ["precision"] if labelled else []
    body = []
    for row in rows:
        cells = [row.name, *(share(row.recall[k]) for k in RANKS)]
        cells += [points(row.against_full.get(k)) for k in RANKS]
        if labelled:
            cells.append("" if row.precision is None else f"{row.precision:.1f}")
        body.append(cells)
    return table(head, body)


def _time(rows: tuple[EvaluationRow, ...]) -> list[str]:
    head = ["time", "with text p50 / p95 ms", "ranking p50 / p95 ms", "faster than full",
            "ranking alone"]  # fmt: skip
    body = [
        [
            row.name,
            f"{row.latency.p50:.2f} / {row.latency.p95:.2f}",
            f"{row.latency.ranking_p50:.2f} / {row.latency.ranking_p95:.2f}",
            f"{row.speed_up} x" if row.speed_up else "",
            f"{row.ranking_speed_up} x" if row.ranking_speed_up else "",
        ]
        for row in rows
        if row.latency is not None
    ]
    return table(head, body)


def share(value: Proportion) -> str:
    """A share with its interval."""
    return f"{value.value:.2f} ({value.low:.1f} to {value.high:.1f})"


def points(value: Proportion | None) -> str:
    """A difference with its interval; nothing where there is none."""
    return "" if value is None else f"{value.value:+.2f} ({value.low:+.2f} to {value.high:+.2f})"


def table(head: list[str], body: list[list[str]]) -> list[str]:
    """Lines of Markdown."""
    rows = [head, ["---"] * len(head), *body]
    return [f"| {' | '.join(cells)} |" for cells in rows]
