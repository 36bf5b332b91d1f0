"""An option for each filter of the table."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from crispd.filters.table import FILTERS

if TYPE_CHECKING:
    from crispd.filters.definition import Filter

FilterOptions = Mapping[str, Any]
NO_FILTERS: FilterOptions = MappingProxyType({})
_PLACE = "filters"


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options where it has its parameter ``filters``: values by their names,
    None for those left out.
    """

    @functools.wraps(command)
    def call(*options: Any, **given: Any) -> None:
        filters = {name: given.pop(name) for name in FILTERS}
        command(*options, filters=filters, **given)

    hints = get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    for each in inspect.signature(command).parameters.values():
        if each.name == _PLACE:
            parameters += map(_parameter, FILTERS.values())
        else:
            parameters.append(each.replace(annotation=hints[each.name]))
    # with_options reads signature and annotations
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    return call


def _parameter(entry: Filter) -> inspect.Parameter:
    option = typer.Option(
        "--" + entry.name.replace("_", "-"),
        help=entry.help or entry.description,
        min=entry.least,
        max=entry.most,
    )
    return inspect.Parameter(
        entry.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=Annotated[entry.kind | None, option],
    )
