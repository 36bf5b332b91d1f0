"""Make the client's types of filters of the table: ``python scripts/filter_options.py``.

The client loads nothing of the service, so its types are written down. Whoever edits the table runs
``make client``; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from crispd.filters.table import FILTERS

if TYPE_CHECKING:
    from crispd.filters.definition import Filter

TARGET = Path(__file__).parent.parent / "crispd" / "client" / "filter_options.py"
HEAD = '''# Made of filters/table.py by scripts/filter_options.py. Edit that one, then: make client
"""Filters of a search, as its parameters."""

from __future__ import annotations

from typing import Literal, TypedDict


class FilterOptions(TypedDict, total=False):
    """As ``docs/http.md`` has them; all may be left out.

    Several of these stand with commas between: {several}.
    """

'''


def filter_options() -> str:
    """The module."""
    several = [f"``{entry.name}``" for entry in FILTERS.values() if entry.several]
    head = HEAD.format(several="\n    ".join(wrap(", ".join(several), 50)))
    return head + "".join(f"    {entry.name}: {_type(entry)}\n" for entry in FILTERS.values())


def _type(entry: Filter) -> str:
    if entry.choices:
        choices = ", ".join(f'"{choice}"' for choice in entry.choices)
        return f"Literal[{choices}]"
    return entry.kind.__name__


if __name__ == "__main__":
    TARGET.write_text(filter_options(), encoding="utf-8")
