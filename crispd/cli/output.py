"""Output of the commands. Nothing else in the package prints to stdout for people."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

from crispd.types import json_printable, printable

if TYPE_CHECKING:
    from crispd.types import IngestProgress


def line(text: str = "") -> None:
    """One line. A file's name may hold anything; what would drive the terminal is escaped."""
    _write(printable(text))


def block(text: str) -> None:
    """Lines that are our own; what else would drive the terminal is escaped in them."""
    _write(printable(text, keep="\n\t"))


def error(text: str) -> None:
    """One line on standard error."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(printable(text).encode(encoding, "replace").decode(encoding) + "\n")


def as_json(value: Any) -> None:
    """Indented JSON; what a terminal would not show is escaped, and so still the same JSON."""
    _write(json_printable(json.dumps(value, indent=2, ensure_ascii=False)))


def _write(text: str) -> None:
    """What the terminal's encoding lacks is replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def version(number: str, json_wanted: bool) -> None:
    """The version of crispd."""
    if json_wanted:
        as_json({"version": number})
        return
    line(number)


def facts(values: dict[str, Any], json_wanted: bool) -> None:
    """A flat table of names and values."""
    if json_wanted:
        as_json(values)
        return
    width = max(map(len, values))
    for name, value in values.items():
        line(f"{name.replace('_', ' '):<{width}}  {'-' if value is None else value}")


_DIVIDES = {"maybe": "     these may be it:", "unlikely": "     these hardly are:"}
_BEGINS = {
    "maybe": "Nothing is likely; these may be it:",
    "unlikely": "Nothing is likely; this comes nearest:",
}


def answer(value: dict[str, Any], json_wanted: bool) -> None:
    """Photos with their probability, likely ones first, then how long it took."""
    if json_wanted:
        as_json(value)
        return
    shown = None
    for place, hit in enumerate(value["results"], 1):
        relevance = hit.get("relevance")
        if relevance != shown and relevance in _DIVIDES:
            line(_DIVIDES[relevance] if place > 1 else _BEGINS[relevance])
        shown = relevance
        more = f"  (and {hit['duplicates']} alike)" if hit.get("duplicates") else ""
        line(f"{place:>3}  {hit['score']:>6.1%}  {hit['folder'].rstrip('/')}/{hit['path']}{more}")
    for place, hit in enumerate(value.get("closest", ()), 1):
        line("Nothing seems to show this; closest:") if place == 1 else None
        line(f"     {hit['folder'].rstrip('/')}/{hit['path']}")
    if value.get("likely") is not None:
        line(f"{value['likely']} likely, {value['maybe']} may be it.")
    for note in value["notes"]:
        line(note)
    if any(remark["code"] == "spelling" for remark in value.get("remarks", ())):
        line("As it is written: the same command with --no-spelling")
    times = value["timings_ms"]
    stages = ", ".join(f"{name} {times[name]:.1f}" for name in ("text", "coarse", "fine"))
    line(
        f"{value['considered']} considered, {value['reranked']} re-ranked in "
        f"{times['total']:.1f} ms ({stages})"
    )


def duplicates(value: dict[str, Any], json_wanted: bool) -> None:
    """A block a group, the best photo first."""
    if json_wanted:
        as_json(value)
        return
    for group in value["groups"]:
        for place, photo in enumerate(group["photos"]):
            said = "" if not place else "  (the same bytes)" if photo["exact"] else "  (alike)"
            line(f"{photo['folder'].rstrip('/')}/{photo['path']}{said}")
        line(f"  {group['wasted_bytes'] / 1e6:.1f} MB in all but the first")
    if not value["complete"]:
        line(f"{value['checked']} of {value['total']} photos were compared so far; ask again.")
    elif not value["groups"]:
        line("No photos are nearly the same.")
    if value["next"]:
        line(f"There are more: --cursor {value['next']}")


def places(value: dict[str, Any], json_wanted: bool) -> None:
    """One line a place."""
    if json_wanted:
        as_json(value)
        return
    for place in value["places"]:
        names = ", ".join(filter(None, (place["name"], place["region"], place["country"])))
        where = "" if place["latitude"] is None else f"{place['latitude']},{place['longitude']}"
        line(f"{place['count']:>7}  {names}  {where}".rstrip())
    _behind(value["total"], len(value["places"]), "No photo here has a place.")


def people(value: dict[str, Any], json_wanted: bool) -> None:
    """One line a person."""
    if json_wanted:
        as_json(value)
        return
    for person in value["people"]:
        line(f"{person['count']:>7}  {person['name']}")
    _behind(value["total"], len(value["people"]), "No photo here has the name of anybody.")


def _behind(total: int, shown: int, none: str) -> None:
    if not total:
        line(none)
    elif total > shown:
        line(f"{total - shown} more: --limit")


def problems(value: dict[str, Any], json_wanted: bool) -> None:
    """One line a file."""
    if json_wanted:
        as_json(value)
        return
    for item in value["problems"]:
        line(f"{item['folder'].rstrip('/')}/{item['path']}: {item['reason']}")
    total = value["total"]
    line("Every file could be read." if not total else f"{total} files could not be read.")


def indexed(progress: IngestProgress, seconds: float, json_wanted: bool) -> None:
    """What ``crispd index`` did."""
    if json_wanted:
        as_json({**dataclasses.asdict(progress), "seconds": round(seconds, 1)})
        return
    rate = f" ({progress.encoded / seconds:.1f} photos/s)" if progress.encoded and seconds else ""
    line(
        f"{progress.encoded} photos encoded in {seconds:.0f} s{rate}, {progress.linked} known "
        f"already by their content, {progress.removed} removed, {progress.failed} could not "
        "be read."
    )
    if progress.failed:
        line("Which and why: crispd problems")
