"""Merging of two values of one filter: photos must match both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crispd.errors import QueryError
from crispd.types.query import NameChoice

Values = tuple[Any, ...]
Merge = Callable[[Values, Values], Values]


def collected(one: Values, other: Values) -> Values:
    """All of both, each once."""
    return tuple(dict.fromkeys((*one, *other)))


def joined(one: Values, other: Values) -> Values:
    """One choice of the names of both, any of which will do; those that ask for all stay apart."""
    both = (*one, *other)
    names = tuple(dict.fromkeys(name for each in both if not each.every for name in each.names))
    every = tuple(dict.fromkeys(each for each in both if each.every))
    return (*every, NameChoice(names)) if names else every


def highest(one: Values, other: Values) -> Values:
    """The bound from below that holds both."""
    return (max(*one, *other),)


def lowest(one: Values, other: Values) -> Values:
    """The bound from above that holds both."""
    return (min(*one, *other),)


def common(one: Values, other: Values) -> Values:
    """Values of which a photo has one, in both. Raises QueryError where there are none."""
    both = tuple(value for value in one if value in other)
    if not both:
        sides = (", ".join(map(str, values)) for values in (one, other))
        raise QueryError(f"No photo is both {' and '.join(sides)}.")
    return both


def inner_folder(one: Values, other: Values) -> Values:
    """The folder that lies in the other. Raises QueryError where neither does."""
    inner, outer = sorted((*one, *other), key=len, reverse=True)
    if inner == outer or inner.startswith(outer.rstrip("/") + "/"):
        return (inner,)
    raise QueryError(f"Two folders are given, {one[0]} and {other[0]}; give one.")


def same(name: str) -> Merge:
    """Both are equal, else QueryError."""
    return _equal(f"{name} is given twice, in q and beside it; give it once.")


def only_one(name: str) -> Merge:
    """Both are equal, else QueryError, for those that stand in ``q``."""
    return _equal(f"only one {name} can be given.")


def _equal(sentence: str) -> Merge:
    def merge(one: Values, other: Values) -> Values:
        if one != other:
            raise QueryError(sentence)
        return one

    return merge
