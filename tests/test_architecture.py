"""Imports run one way, and each big library lives in one room."""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "crispd"

# Who may import whom; a room may always import itself, and these.
BASE = {"types", "errors", "platform"}
LEAVES = {"watch", "images", "packs", "store", "vectors"}
ALLOWED: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "platform": set(),
    "default_data_dir": set(),
    "setting_names": set(),
    "sample_queries": set(),
    "service_facade": set(),
    "config": {"default_data_dir", "setting_names"},
    "memory_plan": set(),
    "memory_budgets": {"memory_plan"},
    "systemd": set(),
    **{leaf: set() for leaf in LEAVES},
    "hub": set(),
    "places": set(),
    "filters": set(),
    "ocr": {"images", "ingest", "packs", "store", "thumbnails"},
    "query": {"filters"},
    "search": {"filters", "query", "packs", "store", "vectors"},
    "fine_pack": {"images", "ingest", "packs", "search", "store", "thumbnails"},
    "duplicates": {"images", "search", "store", "vectors"},
    "pack_manager": {"hub", "pack_switch", "packs", "store"},
    "pack_switch": LEAVES | {"ingest"},
    "ingest": LEAVES | {"memory_budgets", "memory_plan"},
    "thumbnails": {"images", "ingest", "memory_budgets", "store"},
    "library": LEAVES
    | {"config", "default_data_dir", "memory_plan", "ocr", "pack_switch", "places", "thumbnails"},
    "offline": {"config", "default_data_dir", "library", "pack_manager", "pack_switch", "packs"}
    | {"store"},
    "recovery": {"default_data_dir", "store", "vectors"},
    "evaluation": {"fine_pack", "images", "packs", "query", "search", "vectors"},
    "doctor": LEAVES | {"ocr", "pack_switch", "thumbnails"},
    "bench": {"config", "images", "library", "memory_plan", "packs", "sample_queries", "search"}
    | {"service", "store", "watch"},
    "service": LEAVES
    | {
        "config",
        "duplicates",
        "fine_pack",
        "hub",
        "ingest",
        "library",
        "memory_budgets",
        "memory_plan",
        "ocr",
    }
    | {"pack_manager", "pack_switch", "places", "query", "sample_queries", "search"}
    | {"thumbnails"},
    "http": {"images"},
    "auth": {"http", "service_facade"},
    "api": {"auth", "filters", "http", "images", "query", "service_facade"},
    "webui": {
        "api",
        "auth",
        "filters",
        "http",
        "query",
        "sample_queries",
        "search",
        "service_facade",
    },
    "server": {"api", "auth", "config", "http", "sample_queries", "service_facade", "systemd"}
    | {"webui"},
    "cli": {"api", "auth", "bench", "client", "config", "default_data_dir", "doctor", "evaluation"}
    | {"filters"}
    | {
        "hub",
        "library",
        "memory_plan",
        "offline",
        "pack_manager",
        "packs",
        "query",
        "recovery",
        "server",
        "service",
        "systemd",
    },
    # for other people's programs: nothing of the service comes with it
    "client": set(),
    "__main__": {"cli"},
    "__init__": set(),
}
HTTP = {"api", "auth", "http", "server", "webui"}
HOME = {
    "fastapi": HTTP,
    "starlette": HTTP,
    "python_multipart": {"http"},
    "uvicorn": {"server"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "hnswlib": {"vectors"},
    "simsimd": {"vectors"},
    "onnxruntime": {"packs"},
    "tokenizers": {"packs"},
    "dateutil": {"query"},
    "pathspec": {"watch"},
    "watchdog": {"watch"},
    "PIL": {"images"},
    "segno": {"webui", "cli", "api"},
    "cryptography": {"server"},
    "zeroconf": {"server"},
    "pillow_heif": {"images"},
    "prometheus_client": {"api"},
    "matplotlib": {"evaluation"},
    "typer": {"cli"},
    "pydantic_core": {"api", "packs"},
    "pydantic": {"api", "config", "http", "packs", "webui"},
    "httpx": {"client", "hub"},
    "jinja2": {"webui"},
    "markupsafe": {"webui"},
}


@cache
def trees() -> dict[Path, ast.Module]:
    """Every file of the package, parsed once."""
    return {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports() -> list[tuple[str, str, str]]:
    """(file, room, imported module) of every import in the package, also those inside functions."""
    found = []
    for path, tree in trees().items():
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += [(str(path), parts[0], alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: relative imports hide the direction"
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found += [(str(path), parts[0], name) for name in names]
    return found


def modules() -> list[str]:
    """All that can be imported without doing something."""
    parts = [path.relative_to(PACKAGE.parent).with_suffix("").parts for path in trees()]
    names = sorted(".".join(part).removesuffix(".__init__") for part in parts)
    return [name for name in names if not name.endswith((".__main__", ".migrations.env"))]


def test_imports_run_one_way() -> None:
    wrong = []
    for path, room, module in imports():
        parts = module.split(".")
        if parts[0] != "crispd" or len(parts) < 2:
            continue
        target = parts[1]
        if target in {room, "__version__"} | BASE | ALLOWED[room]:
            continue
        wrong.append(f"{path} imports {module}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", sorted(HOME))
def test_a_library_lives_in_its_room(library: str) -> None:
    wrong = [
        f"{path} imports {module}"
        for path, room, module in imports()
        if module.split(".")[0] == library and room not in HOME[library]
    ]
    assert not wrong, "\n".join(wrong)


def test_what_all_may_import_imports_nothing_of_ours() -> None:
    ours = {
        room
        for _, room, module in imports()
        if module.startswith("crispd") and not module.startswith(f"crispd.{room}.")
    }
    assert not ours & BASE


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_nothing_private_of_a_library_is_called() -> None:
    """Of a file's own classes it may be: their names stand in it. ``os._exit`` is documented."""
    wrong = []
    for path, tree in trees().items():
        attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        mine = {node for node in attributes if getattr(node.value, "id", None) in {"self", "cls"}}
        own = {node.attr for node in mine} | {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        wrong += [
            f"{path}:{node.lineno} {ast.unparse(node)}"
            for node in attributes
            if private(node.attr)
            if "super()" in ast.unparse(node.value) or (node not in mine and node.attr not in own)
        ]
        wrong += [
            f"{path}:{node.lineno} {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and any(private(one.name) for one in node.names)
        ]
    assert [one for one in wrong if not one.endswith(" os._exit")] == []


def test_nothing_private_of_a_library_is_replaced() -> None:
    wrong = []
    for module in modules():
        for name, kind in vars(importlib.import_module(module)).items():
            if not inspect.isclass(kind) or kind.__module__ != module:
                continue
            theirs = [base for base in kind.__mro__ if not base.__module__.startswith("crispd")]
            wrong += [
                f"{module}.{name}.{attribute} replaces that of {base.__module__}.{base.__name__}"
                for base in theirs
                for attribute, value in vars(kind).items()
                # what metaclasses put into every class is of their module
                if getattr(value, "__module__", None) == module
                if private(attribute) and attribute in vars(base)
            ]
    assert not wrong, "\n".join(wrong)


def test_files_stay_small() -> None:
    long = {
        str(path): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 450
    }
    assert not long
