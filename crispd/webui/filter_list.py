"""The table of filters as a module of the page."""

from __future__ import annotations

import json

from crispd.filters.table import FILTERS


def filter_list() -> str:
    """``name`` of each parameter, and a ``label`` where a language has no word for it."""
    listed = [{"name": name, "label": name.replace("_", " ").capitalize()} for name in FILTERS]
    return f"export default {json.dumps(listed, separators=(',', ':'))};\n"
