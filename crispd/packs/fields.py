"""Field types of ``pack.toml``, with a sentence for each wrong value."""

from __future__ import annotations

from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, AllowInfNan, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_KINDS: dict[object, str] = {
    int: "a whole number is expected",
    float: "a number is expected",
    str: "a text is expected",
    bool: "true or false is expected",
}
_FOUR_TO_SEVEN = "four, five, six or seven numbers are"

T = TypeVar("T")


class Section(BaseModel):
    """A table of ``pack.toml``: read once, nothing is converted. Keys that it does not know are of
    a later crispd and are passed over.
    """

    model_config = ConfigDict(strict=True, frozen=True)


def wrong(what: str, *at: str) -> PydanticCustomError:
    """``what`` is expected of the value, or of the key ``at`` below it."""
    return PydanticCustomError("expected", "{what}", {"what": what, "at": at})


def must(hold: Callable[[T], object], what: str) -> AfterValidator:
    """A value that does not ``hold`` is refused: ``what`` is expected."""

    def check(value: T) -> T:
        if not hold(value):
            raise wrong(what)
        return value

    return AfterValidator(check)


def _inside(name: str) -> bool:
    path = Path(name)
    leads_out = path.is_absolute() or ".." in path.parts
    return bool(path.name) and not leads_out and "\0" not in name


def listed(what: str) -> Any:
    """TOML has lists, which no strict tuple takes."""
    return Field(strict=False, description=f"{what} expected")


Text = Annotated[str, must(str.strip, "a text is expected")]
Count = Annotated[int, must(lambda count: count > 0, "a number above 0 is expected")]
# TOML knows nan and inf; neither is of any use here.
Number = Annotated[float, AllowInfNan(False)]
Positive = Annotated[Number, must(lambda value: value > 0, "a number above 0 is expected")]
FromZero = Annotated[Number, must(lambda value: value >= 0, "a number of 0 or more is expected")]
Share = Annotated[
    Number, must(lambda value: 0 < value < 1, "a probability above 0 and below 1 is expected")
]
InnerPath = Annotated[str, must(_inside, "a file inside the pack is expected")]
Triple = Annotated[tuple[Number, Number, Number], listed("three numbers are")]
Four = Annotated[tuple[Number, Number, Number, Number], listed("four numbers are")]
Weights = Annotated[tuple[Number, ...], Field(min_length=4, max_length=7), listed(_FOUR_TO_SEVEN)]
Span = Annotated[tuple[int, int], listed("[from, to] is")]


def sentence(error: ErrorDetails, document: dict[str, Any], manifest: type[BaseModel]) -> str:
    """Where in ``pack.toml`` the error is, what stands there, and what is expected."""
    loc = (*error["loc"], *error.get("ctx", {}).get("at", ()))
    names = [part for part in loc if isinstance(part, str)]
    if not names:  # sections that need each other
        return f": {error['msg']}."
    table, field, heading = document, manifest.model_fields[names[0]], ""
    if len(names) > 1:  # a key of a section, or of a row of [[files]]
        in_row = isinstance(loc[1], int)
        table = table[names[0]][loc[1]] if in_row else table[names[0]]
        heading = f" [[{names[0]}]]" if in_row else f" [{names[0]}]"
        field = _section(field).model_fields[names[1]]
    key, what = names[-1], error["msg"] if error["type"] == "expected" else _expected(field)
    found = f"is {table[key]!r}" if key in table else "is missing"
    return f"{heading}: {key} {found}; {what}."


def _expected(field: FieldInfo) -> str:
    kind = _plain(field.annotation)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))} is expected"
    return field.description or _KINDS.get(kind, "a table is expected")


def _section(field: FieldInfo) -> type[BaseModel]:
    kind: type[BaseModel] = _plain(field.annotation)
    return get_args(kind)[0] if get_origin(kind) is tuple else kind


def _plain(annotation: Any) -> Any:
    """Without the checks, and without the None of what may be left out."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation
