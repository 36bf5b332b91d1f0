"""Folder filters that name a link inside a root: they mean the link's target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.types import Filters
from crispd.watch.links import folder_behind

if TYPE_CHECKING:
    from crispd.types import Query


def with_links_resolved(query: Query, roots: tuple[str, ...]) -> Query:
    """The same with the folder that its ``folder`` leads to, where that is a link inside a root."""
    if query.filters.value("folder") is None:
        return query
    conditions = tuple(
        replace(one, values=tuple(folder_behind(path, roots) for path in one.values))
        if one.name == "folder" and not one.negated
        else one
        for one in query.filters.conditions
    )
    return replace(query, filters=Filters(conditions))
