"""What a browser's main thread did, out of a trace of it (Chrome's trace event format)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

# Categories that hold the work of the main thread, and nothing finer: tracing itself costs time.
CATEGORIES = ["-*", "devtools.timeline", "toplevel"]
_FRAME = "FireAnimationFrame"
_KINDS = {
    "script": {
        "FireAnimationFrame", "FunctionCall", "EvaluateScript", "TimerFire", "EventDispatch",
    },
    "style_and_layout": {"UpdateLayoutTree", "Layout"},
    "paint": {"PrePaint", "Paint", "Layerize", "Commit"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Work:
    """A slice of the main thread; milliseconds, ``busy`` of processor time."""

    start: float
    end: float
    busy: float
    kind: str


def main_thread(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Processor time of the main thread a frame, in milliseconds: median and p95, and by kind.

    What waits for another process (a machine under load) does not count; the work of raster and
    compositor threads, which a graphics processor does elsewhere, is not in it either.
    """
    page = _page_of(events)
    slices = [event for event in events if event.get("ph") == "X" and _thread(event) == page]
    frames = sorted(event["ts"] for event in slices if event["name"] == _FRAME)
    # Several callbacks of one frame come within a millisecond or two of each other.
    begins = [at for at, before in zip(frames[1:], frames, strict=False) if at - before > 4000]
    outer = _outermost(slices)
    busy = [0.0] * (len(begins) - 1)
    for work in outer:
        at = bisect_right(begins, work.start) - 1
        if 0 <= at < len(busy):
            busy[at] += work.busy
    kinds = {
        kind: round(sum(w.busy for w in outer if w.kind == kind) / max(1, len(busy)), 2)
        for kind in _KINDS
    }
    busy.sort()
    return {
        "main_thread_ms_median": round(busy[len(busy) // 2], 1),
        "main_thread_ms_p95": round(busy[int(len(busy) * 0.95)], 1),
        "main_thread_ms_by_kind": kinds,
    }


def _page_of(events: list[dict[str, Any]]) -> tuple[int, int]:
    """The thread with the most animation frames is that of the page."""
    counts: dict[tuple[int, int], int] = {}
    for event in events:
        if event["name"] == _FRAME:
            counts[_thread(event)] = counts.get(_thread(event), 0) + 1
    return max(counts, key=lambda thread: counts[thread])


def _outermost(slices: list[dict[str, Any]]) -> list[_Work]:
    """Work that stands in no other; what a script forces (style, layout) counts as the script's."""
    found: list[_Work] = []
    stack: list[_Work] = []
    for event in sorted(slices, key=lambda event: (event["ts"], -event.get("dur", 0))):
        kind = next((kind for kind, names in _KINDS.items() if event["name"] in names), None)
        if kind is None:
            continue
        start, end = event["ts"], event["ts"] + event.get("dur", 0)
        work = _Work(start, end, event.get("tdur", event.get("dur", 0)) / 1000, kind)
        while stack and stack[-1].end <= start:
            stack.pop()
        if not stack:
            found.append(work)
        stack.append(work)
    return found


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]
