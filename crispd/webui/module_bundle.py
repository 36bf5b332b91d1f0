"""Modules of the page in one script: a browser on Wi-Fi fetches one file instead of twenty.

Not a build: it is done when a file has changed, changes no line but imports and exports, and leaves
out what stands before a line and lines that are remarks only: a sixth of what a phone would fetch.
Our own modules hold to what this reads: imports at the top, by name or the default; exports where a
thing is defined; no string over several lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crispd.errors import CrispdError

if TYPE_CHECKING:
    from collections.abc import Mapping

_IMPORT = re.compile(r'^import (?:(\w+)|\{([^}]*)\}) from "\./([\w./-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?:(default )|(?=(?:(?:async )?function|class|const|let) (\w+)))", re.MULTILINE
)
_REMARK = re.compile(r"^ *// .*\n", re.MULTILINE)
_INDENT = re.compile(r"^ +", re.MULTILINE)
_LINES = re.compile(r"^.*$", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


class BundleError(CrispdError):
    """A module that is not written as this file reads them; for who edits the page."""


def bundle_modules(modules: Mapping[str, str], entry: str) -> str:
    """The modules that ``entry`` needs, each as a function of its own, in the order of their needs.

    Raises BundleError.
    """
    placed: dict[str, str] = {}
    _place(modules, entry, placed, ())
    return '"use strict";\n' + "".join(placed.values())


def _place(
    modules: Mapping[str, str], name: str, placed: dict[str, str], within: tuple[str, ...]
) -> None:
    if name in placed:
        return
    if name in within or name not in modules:
        what = "a circle" if name in within else "no such module"
        raise BundleError(f"{' imports '.join((*within, name))}: {what}.")
    for found in _IMPORT.finditer(modules[name]):
        _place(modules, found[3], placed, (*within, name))
    placed[name] = _wrapped(name, modules[name])


def _wrapped(name: str, text: str) -> str:
    exported: list[str] = []

    def bound(found: re.Match[str]) -> str:
        default, names, module = found.groups()
        taken = f"{{ default: {default} }}" if default else "{" + names.replace(" as ", ": ") + "}"
        return f"const {taken} = {_variable(module)};\n"

    def bared(found: re.Match[str]) -> str:
        if found[1]:
            exported.append("default: the_default")
            return "const the_default = "
        exported.append(found[2])
        return ""

    body = _EXPORT.sub(bared, _IMPORT.sub(bound, _REMARK.sub("", text)))
    left = _LEFT.search(body) or next(filter(_is_open, _LINES.finditer(body)), None)
    if left is not None:
        raise BundleError(f"{name} has a line that cannot be linked: {left[0]}")
    body = _INDENT.sub("", body)
    gives = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    return f"// {name}\nconst {_variable(name)} = (() => {{\n{body}{gives}}})();\n"


def _is_open(line: re.Match[str]) -> bool:
    """Whether a string of several lines begins or ends there: in it, what stands before counts."""
    return line[0].count("`") % 2 == 1


def _variable(module: str) -> str:
    return "$" + re.sub(r"\W", "_", module.removesuffix(".js"))
