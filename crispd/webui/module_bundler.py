"""A bundler that joins the page's modules into one script, since one request is faster than twenty.

Not a build: it is done when a file has changed, changes no line but imports and exports, and leaves
out indentation and lines that are comments: a sixth of what a phone would fetch. JavaScript is not
parsed for that. Our own modules hold to a form that is read line by line: an import is a line, by
name or of the default; an export stands where a thing is defined; no string goes over several
lines; a comment has lines of its own.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from crispd.errors import CrispdError

if TYPE_CHECKING:
    from collections.abc import Mapping

_IMPORT, _EXPORT, _DEFAULT = "import ", "export ", "default "
_DEFINITIONS = {"function", "class", "const", "let"}


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
    modules: Mapping[str, str], name: str, placed: dict[str, str], importers: tuple[str, ...]
) -> None:
    if name in placed:
        return
    path = (*importers, name)
    if name in importers or name not in modules:
        what = "a circle" if name in importers else "no such module"
        raise BundleError(f"{' imports '.join(path)}: {what}.")
    body: list[str] = []
    exported: list[str] = []
    in_comment = False
    for written in modules[name].splitlines():
        if in_comment or written.lstrip().startswith("/*"):
            in_comment = not written.rstrip().endswith("*/")
            continue
        try:
            if written.startswith(_IMPORT):
                names, imported = _import(written, posixpath.dirname(name))
                _place(modules, imported, placed, path)
                line = f"const {names} = {_variable(imported)};"
            elif written.startswith(_EXPORT):
                line, export = _export(written)
                exported.append(export)
            else:
                line = _plain(written)
        except ValueError as error:
            raise BundleError(f"{name} has a line that cannot be linked: {written}") from error
        body += [line] if line else []
    if exported:
        body.append(f"return {{ {', '.join(exported)} }};")
    opening = f"// {name}\nconst {_variable(name)} = (() => {{"
    placed[name] = "\n".join([opening, *body, "})();\n"])


def _import(line: str, folder: str) -> tuple[str, str]:
    """What ``import { a as b } from "./c.js";`` binds, and the module. Raises ValueError."""
    names, _, module = line.removeprefix(_IMPORT).removesuffix('";').partition(' from "')
    if names.isidentifier():
        names = f"{{ default: {names} }}"
    if not names.startswith("{") or not module.startswith(".") or not module.endswith(".js"):
        raise ValueError
    return names.replace(" as ", ": "), posixpath.normpath(posixpath.join(folder, module))


def _export(line: str) -> tuple[str, str]:
    """The line as a definition, and what it defines. Raises ValueError."""
    definition = line.removeprefix(_EXPORT)
    if definition.startswith(_DEFAULT):
        return f"const the_default = {definition.removeprefix(_DEFAULT)}", "default: the_default"
    kind, name, *_ = definition.removeprefix("async ").replace("(", " ").split()
    if kind not in _DEFINITIONS or not name.isidentifier():
        raise ValueError
    return definition, name


def _plain(line: str) -> str:
    """The line without its indentation; empty for a comment. Raises ValueError where a string of
    several lines begins or ends: in it, what stands before counts.
    """
    if line.count("`") % 2:
        raise ValueError
    text = line.strip()
    return "" if text.startswith("//") else text


def _variable(module: str) -> str:
    """A name for what a module gives."""
    return "$" + "".join(sign if sign.isalnum() else "_" for sign in module.removesuffix(".js"))
