"""What comes of one filter more in the table: ``python -m tests.filters.made_up`` says it.

A process of its own, since the table is read as modules are loaded.
"""

from __future__ import annotations

import json
import runpy
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints
from unittest.mock import patch

from crispd.filters import table, values
from crispd.filters.definition import Filter
from crispd.filters.merging import lowest

NAME = "max_width"


def _read(text: str, _times: Any) -> tuple[int, str]:
    pixels = values.parse_pixels(text)
    return pixels, f"at most {pixels} pixels wide"


ENTRY = Filter(
    name=NAME,
    description="Pixels at most.",
    examples=(640,),
    kind=int,
    least=1,
    operators="narrow narrower",
    negatable=True,
    words=1,
    read=_read,
    merge=lowest,
    test=lambda photos, pixels: photos.column("width") <= pixels,
)
table.FILTERS[NAME] = ENTRY

from fastapi.testclient import TestClient  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from crispd.cli.app import app as command  # noqa: E402
from crispd.query import parse  # noqa: E402
from crispd.search.metadata_index.metadata_index import MetadataIndex  # noqa: E402
from crispd.server.application import create_app  # noqa: E402
from crispd.types import Filters  # noqa: E402
from crispd.webui.asset_edition import AssetStore  # noqa: E402
from tests.api.fake_service import FakeService  # noqa: E402
from tests.search.fakes import FakeListings, listing  # noqa: E402

ROOT = Path(__file__).parents[2]


def http() -> dict[str, Any]:
    """By each way of asking."""
    service = FakeService()
    app = create_app(service, "0", lambda *_: None)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
        refused = client.get("/search?q=dog&max_width=0").status_code
        client.get("/search?q=dog&max_width=300")
        client.post("/search", json={"q": "dog narrow:500", NAME: 400})
        client.post("/search", files={"image": ("a.jpg", b"picture")}, data={NAME: "500"})
        operation = client.get("/openapi.json").json()["paths"]["/search"]["get"]
    (parameter,) = (one for one in operation["parameters"] if one["name"] == NAME)
    asked = [query.filters.value(NAME) for query in service.queries]
    return {"asked": asked, "refused": refused, "openapi": parameter["description"]}


def words() -> dict[str, Any]:
    """In ``q``, with a minus and without."""
    parsed = parse("dog narrow: 300 -narrower:200", datetime(2026, 7, 15))  # noqa: DTZ001
    return {
        "words": parsed.words,
        "has": parsed.filters.values(NAME),
        "leaves_out": parsed.filters.values(NAME, negated=True),
        "told": [[one.field, one.meant, one.negated, one.values] for one in parsed.interpreted],
    }


def found() -> list[int]:
    """Rows of the photos between the two."""
    source = FakeListings([listing(row, width=100 * row) for row in range(1, 6)])
    wanted = Filters.of(max_width=300, not_max_width=200)
    return sorted(MetadataIndex(source).select(wanted).rows.tolist())


def command_line() -> dict[str, Any]:
    """As an option."""
    run = CliRunner().invoke
    shown = run(command, ["search", "--help"], env={"COLUMNS": "200"}).output
    with (
        patch("crispd.cli.service_client.search_anywhere", return_value={}) as asked,
        patch("crispd.cli.output.answer"),
    ):
        done = run(command, ["search", "dog", "--max-width", "300", "--type", "png"])
        assert done.exit_code == 0, done.output
        refused = run(command, ["search", "dog", "--max-width", "0"]).exit_code
    (line,) = (line for line in shown.splitlines() if "--max-width" in line)
    given = asked.call_args.args[3]
    return {"help": line, "asked": [given[NAME], given["type"]], "refused": refused}


def client() -> str:
    """The type of the client's option, as ``make client`` writes it down."""
    script = runpy.run_path(str(ROOT / "scripts" / "filter_options.py"))
    module: dict[str, Any] = {"__name__": "made"}
    exec(script["filter_options"](), module)
    return get_type_hints(module["FilterOptions"], module)[NAME].__name__


if __name__ == "__main__":
    page = AssetStore().edition().assets["page.js"].data.decode()
    said = {"http": http(), "words": words(), "found": found(), "command": command_line()}
    print(json.dumps({**said, "client": client(), "page": f'"name":"{NAME}"' in page}))
