"""Imports run one way, and each big library lives in one room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "crispd"

# Who may import whom; a room may always import itself, types and errors.
LEAVES = {"watch", "images", "packs", "store", "vectors"}
ALLOWED: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "default_data_dir": set(),
    "setting_names": set(),
    "sample_queries": set(),
    "service_facade": set(),
    "config": {"default_data_dir", "setting_names"},
    "memory_plan": set(),
    "memory_budgets": {"memory_plan"},
    "systemd": set(),
    **{leaf: set() for leaf in LEAVES},
    "query": set(),
    "search": {"query", "packs", "store", "vectors"},
    "duplicates": {"images", "search", "store", "vectors"},
    "ingest": LEAVES | {"memory_budgets", "memory_plan"},
    "thumbnails": {"images", "ingest", "memory_budgets", "store"},
    "library": LEAVES | {"config", "default_data_dir", "memory_plan", "thumbnails"},
    "recovery": {"default_data_dir", "store", "vectors"},
    "evaluation": {"images", "packs", "query", "search", "vectors"},
    "doctor": LEAVES | {"thumbnails"},
    "service": LEAVES
    | {"config", "duplicates", "ingest", "ingest_configuration", "library", "memory_budgets"}
    | {"memory_plan", "query", "sample_queries", "search", "service_status", "thumbnails"},
    "service_status": {"library", "memory_plan"},
    "ingest_configuration": {"config", "images", "ingest", "library", "memory_budgets"},
    "http": {"images"},
    "auth": {"http", "service_facade"},
    "api": {"auth", "http", "images", "query", "service_facade"},
    "webui": {"api", "auth", "http", "query", "sample_queries", "search", "service_facade"},
    "server": {"api", "auth", "config", "http", "sample_queries", "service_facade", "systemd"}
    | {"webui"},
    "cli": {"api", "auth", "client", "config", "default_data_dir", "doctor", "evaluation"}
    | {"library", "memory_plan", "packs", "query", "recovery", "server", "service", "systemd"},
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
    "sqlalchemy": {"store", "recovery"},
    "alembic": {"store"},
    "hnswlib": {"vectors"},
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
    "pydantic_settings": {"config"},
    "pydantic": {"api", "config", "http", "packs", "webui"},
    "jinja2": {"webui"},
    "markupsafe": {"webui"},
}


def imports() -> list[tuple[str, str, str]]:
    """(file, room, imported module) of every import in the package, also those inside functions."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found += [(str(path), parts[0], alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: relative imports hide the direction"
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found += [(str(path), parts[0], name) for name in names]
    return found


def test_imports_run_one_way() -> None:
    wrong = []
    for path, room, module in imports():
        parts = module.split(".")
        if parts[0] != "crispd" or len(parts) < 2:
            continue
        target = parts[1]
        if target in {room, "types", "errors", "__version__"} or target in ALLOWED[room]:
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


def test_types_and_errors_import_nothing_of_ours() -> None:
    ours = {
        room
        for _, room, module in imports()
        if module.startswith("crispd") and not module.startswith(f"crispd.{room}.")
    }
    assert not ours & {"types", "errors"}


def test_files_stay_small() -> None:
    long = {
        str(path): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 450
    }
    assert not long
