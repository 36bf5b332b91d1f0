"""Conditions that hold at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.filters.merging import collected
from crispd.filters.table import FILTERS
from crispd.types import Condition, Filters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crispd.filters.definition import Operator, Reading
    from crispd.filters.merging import Merge


def merge_filters(one: Filters, other: Filters) -> Filters:
    """Photos that both let through: those of ``q`` and those beside it. Raises QueryError where
    no filter can say that.
    """
    return _merged(one, other.conditions, again=False)


def add_conditions(filters: Filters, conditions: Iterable[Condition]) -> Filters:
    """The same with further ones of one text. Raises QueryError where no filter can say that."""
    return _merged(filters, conditions, again=True)


def negated(operator: Operator, reading: Reading) -> tuple[Condition, ...]:
    """What a minus before it means. Raises QueryError where it means nothing."""
    if not operator.negatable:
        raise QueryError(f"a minus works with {_negatable()} and words.")
    return opposite(reading).conditions


def opposite(reading: Reading) -> Reading:
    """Photos that a reading does not let through."""
    return replace(reading, conditions=tuple(map(_opposite, reading.conditions)))


def _opposite(condition: Condition) -> Condition:
    opposite = FILTERS[condition.name].opposite
    if opposite is not None:
        return Condition(opposite, condition.values)
    return Condition(condition.name, condition.values, negated=True)


def _negatable() -> str:
    names = (entry.operators.split()[0] for entry in FILTERS.values() if entry.negatable)
    return ", ".join(f"{name}:" for name in names)


def _merged(one: Filters, conditions: Iterable[Condition], *, again: bool) -> Filters:
    held = {(held.name, held.negated): held.values for held in one.conditions}
    for new in conditions:
        key = new.name, new.negated
        merge = _merge_of(new, again=again)
        held[key] = merge(held[key], new.values) if key in held else new.values
    return Filters(tuple(Condition(name, held[name, no], no) for name, no in held))


def _merge_of(condition: Condition, *, again: bool) -> Merge:
    entry = FILTERS[condition.name]
    if condition.negated:
        return collected
    return entry.again or entry.merge if again else entry.merge
