"""Two sets of filters at once: those in the words and those beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from crispd.errors import QueryError
from crispd.types import Filters

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def merge_filters(one: Filters, other: Filters) -> Filters:
    """Photos that both let through. Raises QueryError where no filter can say that."""
    return Filters(
        after=_tighter_bound(one.after, other.after, max),
        before=_tighter_bound(one.before, other.before, min),
        folder=_folder(one.folder, other.folder),
        types=_types(one.types, other.types),
        cameras=_merge_values(one.cameras, other.cameras),
        near=_merge_equal("near", one.near, other.near),
        has=_merge_values(one.has, other.has),
        orientation=_merge_equal("orientation", one.orientation, other.orientation),
        min_width=_tighter_bound(one.min_width, other.min_width, max),
        min_height=_tighter_bound(one.min_height, other.min_height, max),
        min_megapixels=_tighter_bound(one.min_megapixels, other.min_megapixels, max),
        rating=_tighter_bound(one.rating, other.rating, max),
        keywords=_merge_values(one.keywords, other.keywords),
        not_folders=_merge_values(one.not_folders, other.not_folders),
        not_types=_merge_values(one.not_types, other.not_types),
        not_cameras=_merge_values(one.not_cameras, other.not_cameras),
        not_keywords=_merge_values(one.not_keywords, other.not_keywords),
        not_has=_merge_values(one.not_has, other.not_has),
    )


def _tighter_bound(one: T | None, other: T | None, choose: Callable[[T, T], T]) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)


def _merge_values(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
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


def _merge_equal(name: str, one: T | None, other: T | None) -> T | None:
    if one is not None and other is not None and one != other:
        raise QueryError(f"{name} is given twice, in q and beside it; give it once.")
    return other if one is None else one
