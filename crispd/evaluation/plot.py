"""Plots of evaluations as SVG, by matplotlib: the extra ``crispd[eval]``."""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING

from crispd.evaluation.suite import ARMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from crispd.evaluation.evaluate import Evaluation, EvaluationRow
    from crispd.evaluation.quality import Proportion
    from crispd.evaluation.suite import SetResult, SuiteResult

_COLOURS = dict(zip(ARMS, ("#888888", "#b5452c", "#1b6ca8", "#2a7f3f", "#7a4fa3"), strict=True))
_LIST, _OTHER = "#1b6ca8", "#b5452c"


def can_plot() -> bool:
    """Whether matplotlib is there."""
    try:
        return importlib.util.find_spec("matplotlib") is not None
    except ValueError:  # somebody put something else in its place
        return False


def plot(found: Evaluation) -> str:
    """R@1 with its interval over the median time of a query, text included, on a log scale."""
    figure = _figure(7.6, 4.6)
    axes = figure.subplots()
    timed = [row for row in found.rows if row.latency is not None]
    lists = sorted((row for row in timed if row.short_list), key=lambda row: row.short_list or 0)
    axes.plot([_ms(row) for row in lists], [row.recall[1].value for row in lists], color=_LIST)
    for row in timed:
        _bar(axes, _ms(row), row.recall[1], _LIST if row.short_list else _OTHER)
        name = f"K = {row.short_list}" if row.short_list else row.name
        axes.annotate(
            name, (_ms(row), row.recall[1].value), xytext=(6, -10), textcoords="offset points"
        )
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds a query (median, text included)")
    axes.set_ylabel("R@1 (%), 95 % interval")
    axes.set_title(f"{found.pack} on {found.dataset}, {found.split}: {found.photos:,} photos")
    return _svg(figure)


def plot_sets(found: SuiteResult) -> str:
    """A panel a set: each arm's R@1, 5 and 10, or precision where photos share words."""
    figure = _figure(2.4 * max(len(found.sets), 2), 3.6)
    panels = figure.subplots(1, max(len(found.sets), 1), sharey=True, squeeze=False)[0]
    for axes, one in zip(panels, found.sets, strict=False):
        _panel(axes, one)
    panels[0].set_ylabel("%, 95 % interval")
    panels[0].legend(fontsize="small", loc="upper left")
    figure.suptitle(found.pack)
    return _svg(figure)


def _panel(axes: Axes, one: SetResult) -> None:
    for place, arm in enumerate(one.arms):
        shares = {"precision": arm.precision} if one.kind == "words" else _recalls(arm.recall)
        for column, share in enumerate(shares.values()):
            label = arm.name if column == 0 else None
            _bar(axes, column + 0.15 * place, share, _COLOURS[arm.name], label)
        axes.set_xticks([column + 0.2 for column in range(len(shares))], list(shares))
    axes.set_title(f"{one.name}\n{one.kind}, {one.domain}", fontsize="small")
    axes.set_ylim(0, 100)


def _recalls(recall: dict[int, Proportion]) -> dict[str, Proportion]:
    return {f"R@{k}": share for k, share in recall.items()}


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure((width, height), layout="constrained")


def _bar(axes: Axes, x: float, share: Proportion, colour: str, label: str | None = None) -> None:
    below, above = share.value - share.low, share.high - share.value
    axes.errorbar(x, share.value, [[below], [above]], fmt="o", color=colour, label=label)


def _ms(row: EvaluationRow) -> float:
    assert row.latency is not None
    return row.latency.p50


def _svg(figure: Figure) -> str:
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "crispd"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()
