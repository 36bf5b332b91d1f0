"""Folder filters that name a link inside a root: they mean the link's target."""

from __future__ import annotations

from dataclasses import replace

from crispd.types import Filters
from crispd.watch.links import folder_behind


def with_links_resolved(filters: Filters, roots: tuple[str, ...]) -> Filters:
    """The same with the folder that its ``folder`` leads to, where that is a link inside a root."""
    if filters.value("folder") is None:
        return filters
    conditions = tuple(
        replace(one, values=tuple(folder_behind(path, roots) for path in one.values))
        if one.name == "folder" and not one.negated
        else one
        for one in filters.conditions
    )
    return Filters(conditions)
