"""Clients that others' generators make of the OpenAPI, used against a real server.

As docs/integrations.md has it: openapi-python-client and openapi-typescript with openapi-fetch.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.api.fake_service import CONTENT, ID, THUMBNAIL_BYTES
from tests.programs import missing, why
from tests.security.server import Guarded

pytestmark = pytest.mark.slow  # the generators are fetched

PAGE = (Path(__file__).parents[2] / "docs" / "integrations.md").read_text()
# Beside the environment of the tests: the generator wants an older typer than crispd has.
PYPI = "openapi-python-client~=0.29.0"
# The versions that this was written with; later ones of the same kind are tried as they come.
NPM = ("openapi-typescript@7", "openapi-fetch@0.17", "typescript@5", "@types/node@20")


def documented(language: str) -> str:
    """The block of a language in the section on generated clients."""
    section = PAGE[PAGE.index("## Generated clients") :]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    running = Guarded(tmp_path_factory.mktemp("generated"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def openapi(server: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server itself says."""
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    answer = server.admin("GET", "/openapi.json")
    assert answer.status_code == 200
    path.write_bytes(answer.content)
    return path


@pytest.fixture(scope="module")
def python_client(openapi: Path) -> Iterator[ModuleType]:
    """A package that openapi-python-client has written."""
    folder = openapi.parent
    generator = folder / "generator"
    (folder / "client.yaml").write_text(documented("yaml"))
    got = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(generator), PYPI],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if got.returncode:
        pytest.skip(f"pip cannot fetch {PYPI}: {got.stderr.strip()[-200:]}")
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(openapi),
         "--config", "client.yaml", "--output-path", "crispd_generated", "--meta", "none",
         "--fail-on-warning"],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(generator)},
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("crispd_generated")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("crispd_generated")]:
        del sys.modules[name]


def call(group: str, name: str) -> ModuleType:
    return importlib.import_module(f"crispd_generated.api.{group}.{name}")


def test_a_python_client(python_client: ModuleType, server: Guarded) -> None:
    models = importlib.import_module("crispd_generated.models")
    types = importlib.import_module("crispd_generated.types")
    client = python_client.AuthenticatedClient(server.address, server.local)
    with client:
        found = call("search", "search").sync(client=client, q="dog on a beach", limit=3)
        assert [hit.id for hit in found.results] == [ID]
        assert found.results[0].relevance is None
        body = models.SearchBody(q="dog", after="2020")
        assert call("search", "search_with_body").sync(client=client, body=body).results[0].id == ID
        picture = types.File(io.BytesIO(b"\xff\xd8picture"), "a.jpg", "image/jpeg")
        form = models.SearchWithBodyFilesBody(image=picture, q="dog", limit=7)
        assert call("search", "search_with_body").sync(client=client, body=form).results[0].id == ID
        thumbnail = call("photos", "get_thumbnail").sync(photo_id=ID, client=client)
        assert thumbnail.payload.read() == THUMBNAIL_BYTES
        original = call("photos", "get_original").sync(photo_id=ID, client=client)
        assert original.payload.read() == CONTENT
        assert "crispd_photos" in call("house", "get_metrics").sync(client=client)
        wanted = models.DeviceBody(name="generated", scopes=[models.DeviceBodyScopesItem.SEARCH])
        made = call("devices", "add_device").sync(client=client, body=wanted)
        assert made.token.startswith("crispd_")
        answer = call("devices", "remove_device").sync_detailed(made.id, client=client)
        assert answer.status_code == 204
        wrong = call("photos", "get_photo").sync(photo_id="nothing", client=client)
        assert (type(wrong).__name__, wrong.status) == ("ProblemDetails", 404)
    stranger = python_client.Client(server.address)
    with stranger:
        assert call("house", "get_health").sync(client=stranger).ok
        refused = call("search", "search").sync(client=stranger, q="dog")
        assert refused.status == 401


@pytest.fixture(scope="module")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generator, its client and the compiler."""
    if missing("node", "npm"):
        pytest.skip(why("node", "npm"))
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    got = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NPM],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if got.returncode:
        pytest.skip(f"npm cannot fetch {', '.join(NPM)}: {got.stderr.strip()[-200:]}")
    return folder


def test_a_typescript_client(npm: Path, openapi: Path, server: Guarded) -> None:
    """The documented program passes the strict compiler and finds a photo."""
    run(npm, "node_modules/.bin/openapi-typescript", str(openapi), "-o", "crispd.d.ts")
    program = documented("ts").replace("http://hub.local:8642", server.address)
    (npm / "find.ts").write_text(program.replace("TOKEN", server.local))
    options = ("--strict", "--module", "nodenext", "--target", "es2022", "--types", "node")
    run(npm, "node_modules/.bin/tsc", *options, "find.ts")
    said = json.loads(run(npm, "node", "find.js"))
    assert said == {"path": "2021/IMG_1.jpg", "bytes": len(THUMBNAIL_BYTES), "status": 404}


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
