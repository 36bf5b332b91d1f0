"""Types of the page's scripts: as the API has them, and as TypeScript finds them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crispd.api import schemas, search_schemas
from crispd.api.routes import places, suggestions, text
from crispd.types import ServiceStatus
from crispd.types.packs import PackEntry, PackOverview
from crispd.webui.asset_edition import FOLDER

ROOT = Path(__file__).parents[2]
TYPES = (FOLDER / "static" / "base" / "types.d.ts").read_text()
MODULES = (schemas, search_schemas, suggestions, text, places)
# Written for the page, after a schema that holds more.
PARTS = {
    kind.__name__.removeprefix("Service"): set(kind.__dataclass_fields__)
    for kind in (ServiceStatus, PackEntry, PackOverview)
}


def interfaces() -> dict[str, set[str]]:
    """Names of fields by interface, with those that it extends."""
    found: dict[str, set[str]] = {}
    for name, base, body in re.findall(
        r"^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}", TYPES, re.MULTILINE | re.DOTALL
    ):
        found[name] = set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) | found.get(base, set())
    return found


def test_types_of_answers_are_those_of_the_api() -> None:
    found = interfaces()
    assert {"Hit", "Photo", "SearchResponse", "Status", "SuggestionsResponse"} <= found.keys()
    for name, fields in found.items():
        if name in PARTS:
            assert fields <= PARTS[name], name
        else:
            (schema,) = {vars(module)[name] for module in MODULES if name in vars(module)}
            assert fields == set(schema.model_fields), name


def test_scripts_have_the_types_that_they_say() -> None:
    if shutil.which("npm") is None or not (ROOT / "node_modules").is_dir():
        pytest.skip("make scripts has not installed TypeScript here")
    done = subprocess.run(
        ["npm", "run", "--silent", "check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr
