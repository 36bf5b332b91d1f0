"""What the commands print. The only place of the package that writes to stdout for people."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crispd.types import IngestProgress


def line(text: str = "") -> None:
    """One line; what the terminal cannot show is replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def as_json(value: Any) -> None:
    """Indented JSON."""
    line(json.dumps(value, indent=2, ensure_ascii=False))


def facts(values: dict[str, Any], json_wanted: bool) -> None:
    """A flat table of names and values."""
    if json_wanted:
        as_json(values)
        return
    width = max(map(len, values))
    for name, value in values.items():
        line(f"{name.replace('_', ' '):<{width}}  {'-' if value is None else value}")


def answer(value: dict[str, Any], json_wanted: bool) -> None:
    """Photos with their probability, then how long it took."""
    if json_wanted:
        as_json(value)
        return
    for place, hit in enumerate(value["results"], 1):
        line(f"{place:>3}  {hit['score']:>6.1%}  {hit['folder']}/{hit['path']}")
    if not value["results"]:
        line("No photos are indexed yet.")
    for note in value["notes"]:
        line(note)
    times = value["timings_ms"]
    stages = ", ".join(f"{name} {times[name]:.1f}" for name in ("text", "coarse", "fine"))
    line(
        f"{value['considered']} considered, {value['reranked']} re-ranked in "
        f"{times['total']:.1f} ms ({stages})"
    )


def problems(value: dict[str, Any], json_wanted: bool) -> None:
    """One line a file."""
    if json_wanted:
        as_json(value)
        return
    for item in value["problems"]:
        line(f"{item['folder']}/{item['path']}: {item['reason']}")
    line(f"{value['total']} files could not be read.")


def indexed(progress: IngestProgress, json_wanted: bool) -> None:
    """What ``crispd index`` did."""
    if json_wanted:
        as_json(dataclasses.asdict(progress))
        return
    line(
        f"{progress.encoded} photos encoded, {progress.linked} known already by their content, "
        f"{progress.removed} removed, {progress.failed} could not be read."
    )
    if progress.failed:
        line("Why: crispd serve, then crispd problems.")
