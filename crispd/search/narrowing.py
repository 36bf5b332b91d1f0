"""Two sets of filters at once: those in the words and those beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from crispd.errors import QueryError
from crispd.types import Filters
from crispd.watch.links import folder_behind

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types import Query

T = TypeVar("T")


def behind_links(query: Query, roots: tuple[str, ...]) -> Query:
    """The same with the folder that its ``folder`` leads to, where that is a link inside a root."""
    folder = query.filters.folder
    if folder is None:
        return query
    return replace(query, filters=replace(query.filters, folder=folder_behind(folder, roots)))


def narrowed(one: Filters, other: Filters) -> Filters:
    """Photos that both let through. Raises QueryError where no filter can say that."""
    return Filters(
        after=_tighter(one.after, other.after, max),
        before=_tighter(one.before, other.before, min),
        folder=_folder(one.folder, other.folder),
        types=_types(one.types, other.types),
        cameras=_both(one.cameras, other.cameras),
        near=_same("near", one.near, other.near),
        has=_both(one.has, other.has),
        orientation=_same("orientation", one.orientation, other.orientation),
        min_width=_tighter(one.min_width, other.min_width, max),
        min_height=_tighter(one.min_height, other.min_height, max),
        min_megapixels=_tighter(one.min_megapixels, other.min_megapixels, max),
        rating=_tighter(one.rating, other.rating, max),
        keywords=_both(one.keywords, other.keywords),
        not_folders=_both(one.not_folders, other.not_folders),
        not_types=_both(one.not_types, other.not_types),
        not_cameras=_both(one.not_cameras, other.not_cameras),
        not_keywords=_both(one.not_keywords, other.not_keywords),
        not_has=_both(one.not_has, other.not_has),
    )


def _tighter(one: T | None, other: T | None, choose: Callable[[T, T], T]) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _types(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not one or not other:
        return one or other
    common = tuple(name for name in one if name in other)
    if not common:
        raise QueryError(f"No photo is both {', '.join(one)} and {', '.join(other)}.")
    return common


def _folder(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return other if one is None else one
    inner, outer = sorted((one, other), key=len, reverse=True)
    if inner == outer or inner.startswith(outer.rstrip("/") + "/"):
        return inner
    raise QueryError(f"Two folders are given, {one} and {other}; give one.")


def _same(name: str, one: T | None, other: T | None) -> T | None:
    if one is not None and other is not None and one != other:
        raise QueryError(f"{name} is given twice, in q and beside it; give it once.")
    return other if one is None else one
