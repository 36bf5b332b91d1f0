"""Imports run one way, and each big library lives in one room."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "crispd"

# Who may import whom; a room may always import itself, types and errors.
LEAVES = {"watch", "images", "packs", "store", "vectors"}
ALLOWED: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "data_folder": set(),
    "setting_names": set(),
    "first_queries": set(),
    "config": {"data_folder", "setting_names"},
    "memory": set(),
    "admission": {"memory"},
    "systemd": set(),
    **{leaf: set() for leaf in LEAVES},
    "ingest": LEAVES | {"admission", "memory"},
    "search": LEAVES,
    "media": LEAVES | {"admission"},
    "library": LEAVES | {"config", "data_folder", "memory"},
    "evaluation": {"images", "packs", "vectors", "search"},
    "doctor": LEAVES,
    "keeping": {"data_folder", "store", "vectors"},
    "ahead": {"ingest", "media", "store"},
    "service": LEAVES
    | {"admission", "ahead", "config", "first_queries", "ingest", "library", "media", "memory"}
    | {"ingest_settings", "search", "service_status"},
    "service_status": {"library", "memory"},
    "ingest_settings": {"admission", "config", "images", "ingest", "library", "memory"},
    "api": {"service", "first_queries", "config", "systemd", "images", "search"},
    "webui": {"api", "first_queries", "search"},
    "server": {"api", "config", "systemd", "webui"},
    "cli": {
        "service",
        "config",
        "data_folder",
        "client",
        "wire",
        "api",
        "server",
        "search",
        "evaluation",
        "library",
        "packs",
        "doctor",
        "keeping",
        "systemd",
        "memory",
    },
    # for other people's programs: nothing of the service comes with it
    "wire": set(),
    "client": {"wire"},
    "__main__": {"cli"},
    "__init__": set(),
}
HOME = {
    "fastapi": {"api", "webui", "server"},
    "starlette": {"api", "webui", "server"},
    "jinja2": {"webui"},
    "markupsafe": {"webui"},
    "python_multipart": {"api"},
    "uvicorn": {"api", "server"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "hnswlib": {"vectors"},
    "onnxruntime": {"packs"},
    "tokenizers": {"packs"},
    "dateutil": {"search"},
    "pathspec": {"watch"},
    "PIL": {"images"},
    "segno": {"webui", "api", "cli"},
    "cryptography": {"api"},
    "zeroconf": {"api"},
    "pillow_heif": {"images"},
    "prometheus_client": {"api"},
    "matplotlib": {"evaluation"},
    "typer": {"cli"},
    "pydantic": {"api", "webui", "config", "packs"},
    "pydantic_core": {"packs"},
    "pydantic_settings": {"config"},
}
# Not folders yet: what puts the faces together and runs them.
ROOMS = {("api", "app"): "server", ("api", "server"): "server"}


def room_of(parts: Sequence[str]) -> str:
    """The room of a module, named by its parts below the package."""
    return ROOMS.get(tuple(parts[:2]), parts[0])


def imports() -> list[tuple[str, str, str]]:
    """(file, room, imported module) of every import in the package, also those inside functions."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found += [(str(path), room_of(parts), alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: relative imports hide the direction"
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found += [(str(path), room_of(parts), name) for name in names]
    return found


def test_imports_run_one_way() -> None:
    wrong = []
    for path, room, module in imports():
        parts = module.split(".")
        if parts[0] != "crispd" or len(parts) < 2:
            continue
        target = room_of(parts[1:])
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
