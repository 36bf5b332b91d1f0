"""Checks of setting names: an unknown one is an error that suggests the nearest."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

PREFIX = "CRISPD_"
# CRISPD_CONFIG names the settings file. CRISPD_TEST_… is for the tests, which start crispd as well.
_NO_SETTINGS = ("CRISPD_CONFIG",)
_FOR_TESTS = "CRISPD_TEST_"
# How alike two names must be, 0 to 1: "folder" and "folders" are 0.92, "tls" and "pack" 0.
_ALIKE = 0.6


def unknown_variables(environment: Iterable[str], settings: Collection[str]) -> str | None:
    """A sentence on ``CRISPD_…`` variables that are no settings; None where all are."""
    known = {f"{PREFIX}{name.upper()}": name for name in settings} | dict.fromkeys(_NO_SETTINGS, "")
    # names are read in any case
    given = sorted(name for name in environment if name.upper().startswith(PREFIX))
    unknown = [
        name
        for name in given
        if name.upper() not in known and not name.upper().startswith(_FOR_TESTS)
    ]
    if not unknown:
        return None
    return f"In the environment: {_list(unknown, known)}."


def unknown_keys(values: Mapping[str, Any], settings: Collection[str]) -> str | None:
    """A sentence on keys of a settings file that are no settings; None where all are.

    A table hides settings inside of it: they all stand at the top.
    """
    unknown = sorted(set(values) - set(settings))
    if not unknown:
        return None
    tables = [name for name in unknown if isinstance(values[name], dict)]
    said = f"{_list(unknown, settings)}."
    if tables:
        inside = ", ".join(f"[{name}]" for name in tables)
        said += f" Settings stand at the top of the file, in no table: without {inside}."
    return said


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name that was meant, most likely; None where none is alike."""
    by_letters = {_letters(each): each for each in known}
    found = difflib.get_close_matches(_letters(name), by_letters, n=1, cutoff=_ALIKE)
    return by_letters[found[0]] if found else None


def _letters(name: str) -> str:
    """Without what people leave out or take for another: case, dashes, the prefix."""
    plain = name.upper().replace("-", "_")
    return plain.removeprefix(PREFIX).replace("_", "")


def _list(unknown: Iterable[str], known: Iterable[str]) -> str:
    known = list(known)
    parts = []
    for name in unknown:
        meant = nearest(name, known)
        hint = f" (did you mean {meant}?)" if meant else ""
        parts.append(f"{name} is no setting of crispd{hint}")
    return "; ".join(parts)
