"""Figures of the code under ``crispd/`` at one or more git revisions, as Markdown tables.

    python scripts/house_figures.py --rev d0c7c17 --rev main

It reads the revisions from git, so nothing has to be checked out, and needs no dependency. Lines
are all lines of a file. The length of a function is that of its ``def`` to its last line, without
decorators. Methods and functions inside functions count too.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import tarfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = "crispd"
LONG_FILE = 300  # lines
FULL_FOLDER = 15  # Python files

# Words of the project's first names that say nothing to a stranger: a ``question`` was a query, a
# ``room`` a memory budget. A name that uses one in its plain sense counts too (a folder's listing).
DIALECT = frozenset(
    """
    ahead alike asked asker asking astray catalogue counted courtesy door ending examining folding
    folds given house household installing keeping kept leaving likeness listed listing looking
    members narrowing neighbours obituary patience pauses question reach room rooms sent showing
    shower siblings suggester suggesting taken tally told tongue untrusted unwanted verdict wishes
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of one revision. ``rooms``: (lines, files) of each; a room is a top entry."""

    rooms: dict[str, tuple[int, int]]
    lines: int
    files: int
    function_lines: tuple[int, ...]
    long_files: tuple[str, ...]
    full_folders: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]
    repeated_classes: tuple[str, ...]
    repeated_files: tuple[str, ...]
    dialect: tuple[str, ...]


def sources_of(revision: str) -> dict[str, str]:
    """Path and text of each Python file of the package. Raises CalledProcessError from git."""
    command = ["git", "archive", "--format=tar", revision, PACKAGE]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        python = [one for one in tar.getmembers() if one.isfile() and one.name.endswith(".py")]
        return {one.name: tar.extractfile(one).read().decode() for one in python}  # type: ignore[union-attr]


def figures(sources: dict[str, str]) -> Figures:
    """Counts ``sources``, paths with their text."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    lines = {path: len(text.splitlines()) for path, text in sources.items()}
    classes = [
        (node.name, path)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    stems = Counter(PurePosixPath(path).name for path in sources)
    folders = Counter(str(PurePosixPath(path).parent) for path in sources)
    rooms: dict[str, tuple[int, int]] = {}
    for path, count in lines.items():
        room = path.split("/")[1]
        before = rooms.get(room, (0, 0))
        rooms[room] = (before[0] + count, before[1] + 1)
    return Figures(
        rooms=dict(sorted(rooms.items())),
        lines=sum(lines.values()),
        files=len(lines),
        function_lines=tuple(sorted(_function_lines(trees.values()))),
        long_files=tuple(f"{path} ({n})" for path, n in sorted(lines.items()) if n > LONG_FILE),
        full_folders=tuple(
            f"{path} ({n})" for path, n in sorted(folders.items()) if n > FULL_FOLDER
        ),
        cycles=_cycles(_imports(trees)),
        repeated_classes=_repeated(Counter(name for name, _ in set(classes))),
        repeated_files=_repeated(
            Counter({k: n for k, n in stems.items() if not k.startswith("__")})
        ),
        dialect=tuple(
            sorted(
                {name for name, _ in classes if _words(name) & DIALECT}
                | {path for path in sources if _words(PurePosixPath(path).stem) & DIALECT}
            )
        ),
    )


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _repeated(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{name} ({n})" for name, n in sorted(counted.items()) if n > 1)


def _function_lines(trees: Iterable[ast.Module]) -> list[int]:
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _imports(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Modules of the package that each imports, also in functions and for type checkers alone."""
    modules = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in trees
    }
    found: dict[str, set[str]] = {}
    for module, path in modules.items():
        targets: set[str] = set()
        for node in ast.walk(trees[path]):
            if isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                targets |= {name if name in modules else node.module for name in names}
        found[module] = (targets & set(modules)) - {module}
    return found


def _cycles(imports: dict[str, set[str]]) -> tuple[tuple[str, ...], ...]:
    """Sets of modules that all reach each other, by what each reaches."""
    reached: dict[str, set[str]] = {}
    for start in imports:
        seen: set[str] = set()
        waiting = list(imports[start])
        while waiting:
            if (module := waiting.pop()) not in seen:
                seen.add(module)
                waiting += imports[module]
        reached[start] = seen
    found: dict[tuple[str, ...], None] = {}
    for module, others in reached.items():
        if module in others:
            found[tuple(sorted({module} | {o for o in others if module in reached[o]}))] = None
    return tuple(sorted(found))


def spread(lengths: tuple[int, ...]) -> str:
    """Median, 90th percentile and maximum."""
    if len(lengths) < 2:
        return str(max(lengths, default=0))
    return f"{median(lengths):.0f} / {quantiles(lengths, n=10)[8]:.0f} / {lengths[-1]}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *[list(row) for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def report(by_revision: dict[str, Figures]) -> str:
    """Both tables, and by name what the first one counts."""
    columns = list(by_revision.values())
    rows = {
        "lines": [f"{one.lines:,}" for one in columns],
        "files": [str(one.files) for one in columns],
        "functions": [f"{len(one.function_lines):,}" for one in columns],
        "lines of a function: median / p90 / max": [spread(one.function_lines) for one in columns],
    }
    named = {
        f"files over {LONG_FILE} lines": "long_files",
        f"folders with more than {FULL_FOLDER} files": "full_folders",
        "import cycles, type-checking imports included": "cycles",
        "class names that occur more than once": "repeated_classes",
        "file names that occur more than once": "repeated_files",
        "classes and files named in the old dialect": "dialect",
    }
    for label, field in named.items():
        rows[label] = [str(len(getattr(one, field))) for one in columns]
    parts = [_table(["", *by_revision], ([label, *cells] for label, cells in rows.items()))]
    rooms = defaultdict(list)
    for room in sorted({room for one in columns for room in one.rooms}):
        for one in columns:
            lines, files = one.rooms.get(room, (0, 0))
            rooms[room].append(f"{lines:,} / {files}" if files else "")
    parts.append(
        _table(
            ["lines / files", *by_revision],
            ([f"`{room}`", *cells] for room, cells in rooms.items()),
        )
    )
    for revision, one in by_revision.items():
        parts.append(f"### By name, {revision}")
        for label, field in named.items():
            items = [i if isinstance(i, str) else " ↔ ".join(i) for i in getattr(one, field)]
            parts.append(f"**{label}**: " + (", ".join(items) or "none"))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures of the code at git revisions.")
    parser.add_argument("--rev", action="append", help="a git revision; may be repeated")
    revisions = parser.parse_args().rev or ["HEAD"]
    print(report({revision: figures(sources_of(revision)) for revision in revisions}))


if __name__ == "__main__":
    main()
