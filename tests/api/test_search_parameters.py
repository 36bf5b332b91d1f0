"""The parameters of a search are the same wherever they are written down."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

from crispd.api.search_parameters import SearchParameters
from crispd.cli.commands.search import search as command
from crispd.client.calls import SearchOptions
from crispd.filters.table import FILTERS
from crispd.query.request import SearchRequest

HTTP = Path(__file__).parents[2] / "docs" / "http.md"
# a method of its own, `page`, and the first argument
NOT_ASKED_WITH = {"cursor", "q"}


def test_the_service_takes_what_a_search_can_be_asked_with() -> None:
    taken = {name: field.default for name, field in SearchParameters.model_fields.items()}
    others = {field.name: field.default for field in fields(SearchRequest)}
    del others["filters"]
    assert taken == others | dict.fromkeys(FILTERS)


def test_the_client_sends_what_the_service_takes() -> None:
    assert set(get_type_hints(SearchOptions)) == set(SearchParameters.model_fields) - NOT_ASKED_WITH


def test_the_command_can_ask_for_all_of_it() -> None:
    taken = set(inspect.signature(command).parameters)
    assert set(get_type_hints(SearchOptions)) <= {name.replace("kind", "type") for name in taken}


def test_each_is_described() -> None:
    assert all(field.description for field in SearchParameters.model_fields.values())
    table = HTTP.read_text().partition("## `GET /search`")[2].partition("```")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(
        SearchParameters.model_fields
    )
