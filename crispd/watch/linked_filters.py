"""A folder filter that names a link inside a root: it means the folder behind the link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.watch.links import folder_behind

if TYPE_CHECKING:
    from crispd.types import Query


def with_links_resolved(query: Query, roots: tuple[str, ...]) -> Query:
    """The same with the folder that its ``folder`` leads to, where that is a link inside a root."""
    folder = query.filters.folder
    if folder is None:
        return query
    return replace(query, filters=replace(query.filters, folder=folder_behind(folder, roots)))
