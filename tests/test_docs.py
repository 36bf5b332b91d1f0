"""What is not documented does not exist for anyone."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from crispd import errors
from crispd.cli.app import app as cli
from crispd.client import exceptions
from crispd.config import Settings
from tests.api.documented import document
from tests.test_architecture import ALLOWED, BASE

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_MODULE = re.compile(r"crispd/[\w/]+\.py\b")
_CLASS = re.compile(r"`([A-Z][a-z]\w*[A-Z]\w*)`")
_LINK = re.compile(r"\]\(([^)#\s]+)|src=\"([^\"]+)\"")
_TARGET = re.compile(r"`(?:sudo )?make ([a-z][\w-]*)|^(?:sudo )?make ([a-z][\w-]*)", re.MULTILINE)


def test_every_setting_is_in_the_annotated_file_with_its_default() -> None:
    text = (ROOT / "config" / "crispd.toml").read_text()
    written = dict(re.findall(r"^# (\w+) = (.+)$", text, re.MULTILINE))
    assert set(written) == set(Settings.model_fields)
    for name in ("host", "port", "settle_seconds", "batch_size", "exact_below", "max_file_mb"):
        default = Settings.model_fields[name].default
        assert written[name].strip('"') == str(default)


def test_every_call_is_described() -> None:
    text = (ROOT / "docs" / "http.md").read_text()
    paths = document()["paths"]
    missing = [
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if f"`{method.upper()} {path}`" not in text and method != "head"
    ]
    assert not missing


def test_every_command_is_described() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    names = [info.name or info.callback.__name__ for info in cli.registered_commands]
    assert names
    assert not [name for name in names if f"## `crispd {name}" not in text]


def test_attacks_that_are_said_to_be_tried_have_tests() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)`", text)
    assert len(named) > 8
    assert not [name for name in named if not (ROOT / name).is_file()]
    slow = {name for name in named if "slow" in (ROOT / name).read_text()}
    for line in text.splitlines():
        for name in re.findall(r"`(tests/[\w/]+\.py)` \*", line):
            assert name in slow


def missing_modules(text: str) -> set[str]:
    return {path for path in _MODULE.findall(text) if not (ROOT / path).is_file()}


def classes_of_crispd() -> set[str]:
    texts = (path.read_text() for path in (ROOT / "crispd").rglob("*.py"))
    return {name for text in texts for name in re.findall(r"^ *class (\w+)", text, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_that_a_page_names_exist(page: Path) -> None:
    assert not missing_modules(page.read_text())


def test_a_module_that_is_gone_is_found() -> None:
    assert missing_modules("`crispd/gone.py` and `crispd/errors.py`") == {"crispd/gone.py"}


def test_classes_that_contributing_names_exist() -> None:
    named = set(_CLASS.findall((ROOT / "CONTRIBUTING.md").read_text()))
    assert {"SearchRequest", "EncodedQuery", "ResultPage"} <= named
    assert not named - classes_of_crispd()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    links = {one or other for one, other in _LINK.findall(page.read_text())}
    local = {link for link in links if not link.startswith(("http:", "https:"))}
    assert not {link for link in local if not (page.parent / link).exists()}


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    text = "\n".join(page.read_text() for page in PAGES)
    named = {one or other for one, other in _TARGET.findall(text)}
    assert {"run", "test", "wheel", "deb"} <= named
    assert not named - targets


def test_the_arrows_that_contributing_draws_are_allowed() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    arrows = dict(re.findall(r"^(\w+) → (.+)$", text, re.MULTILINE))
    assert len(arrows) > 10
    for room, targets in arrows.items():
        assert set(targets.split(", ")) <= ALLOWED[room], room
    packages = {path.parent.name for path in (ROOT / "crispd").glob("*/__init__.py")} - {"types"}
    assert not {name for name in packages if f"`{name}`" not in text}


def test_steps_of_a_search_are_modules() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## Path of a query")[2]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", table.partition("A `Ranking` is frozen")[0])
    steps = [name for name in named if not name.startswith("crispd/")]
    assert len(steps) > 6
    assert not [name for name in steps if not (ROOT / "crispd" / "search" / name).exists()]


@pytest.mark.parametrize(
    "room", sorted(room for room in ALLOWED if (ROOT / "crispd" / room / "__init__.py").is_file())
)
def test_a_room_says_what_it_may_import(room: str) -> None:
    """Besides types, errors and platform, which every room may import."""
    text = " ".join((importlib.import_module(f"crispd.{room}").__doc__ or "").split())
    if not ALLOWED[room]:
        assert "Imports nothing of crispd" in text
        return
    [said] = re.findall(r"May import ([\w, ]+)\.", text)
    assert set(re.findall(r"\w+", said)) - {"and"} - BASE == ALLOWED[room]


@pytest.mark.parametrize("module", [errors, exceptions], ids=lambda module: module.__name__)
def test_the_tree_of_errors_is_the_one_in_the_code(module: ModuleType) -> None:
    base = errors.CrispdError if module is errors else exceptions.CrispdClientError
    code = {
        (kind.__name__, kind.__mro__[1].__name__)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, base) and kind is not base
    }
    drawn, above = set(), {2: base.__name__}
    for indent, name in re.findall(r"^( {3,})([A-Z]\w+)", module.__doc__ or "", re.MULTILINE):
        depth = len(indent) // 2
        above[depth] = name
        if depth > 2:
            drawn.add((name, above[depth - 1]))
    assert drawn == code
