"""docs/integrations.md against a real house: every command, address and template in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tests.e2e.server import ALBUM, Server, environment_of
from tests.programs import needs

# what the page's commands are made of
pytestmark = needs("bash", "curl", "jq")

PAGE = Path(__file__).parents[2] / "docs" / "integrations.md"
ADDRESS = "http://hub.local:8642"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("house"))
    yield found
    found.server.stop()


class House:
    """A house that asks for tokens, with the token that the page has people make."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder / "data", ALBUM, auth="required")
        port = self.server.http.base_url.port
        environment = environment_of(folder / "data", port=str(port))
        made = subprocess.run(
            ["bash", "-ec", "\n".join(of_language("console")).replace("crispd ", "$CRISPD ")],
            env={**environment, "CRISPD": f"{sys.executable} -m crispd"},
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        self.narrow, self.token = made.stdout.split()
        self.server.http.headers["authorization"] = f"Bearer {self.token}"
        self.server.settle()

    def here(self, text: str, token: str | None = None) -> str:
        """A text of the page with this house's address and token."""
        address = str(self.server.http.base_url).rstrip("/")
        return text.replace(ADDRESS, address).replace("TOKEN", token or self.token)

    def asked(self, request: dict[str, Any], body: str | None = None) -> Any:
        """What a request as Home Assistant has them is answered."""
        headers = request["headers"] | {"content-type": request.get("content_type", "text/plain")}
        method = request.get("method", "get").upper()
        answer = self.server.http.request(method, request["url"], headers=headers, content=body)
        assert answer.is_success, answer.text
        return answer.json()


def of_language(language: str) -> list[str]:
    return [text for kind, text in BLOCKS if kind == language]


def test_every_block_is_tried() -> None:
    assert {kind for kind, _ in BLOCKS} == {"console", "sh", "ts", "yaml"}
    assert [len(of_language(kind)) for kind in ("console", "sh", "yaml")] == [1, 5, 6]
    assert len(of_language("ts")) == 1  # with a yaml: tests/client/test_generated.py


@pytest.mark.parametrize("number", range(5))
def test_commands_of_curl(number: int, house: House, tmp_path: Path) -> None:
    (tmp_path / "found.jpg").write_bytes((ALBUM / "two_dogs_window.jpg").read_bytes())
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", house.here(of_language("sh")[number])],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if number == 1:
        assert (tmp_path / "found.jpg").read_bytes()[:2] == b"\xff\xd8"
        assert (tmp_path / "two_dogs_window.jpg").exists()
    if number == 2:
        assert len(set(done.stdout.splitlines())) == len(list(ALBUM.glob("*.jpg")))
    if number == 3:
        shown = house.server.http.get(json.loads(done.stdout)["url"], headers={"authorization": ""})
        assert shown.headers["content-type"] == "image/jpeg"


def test_the_shortcut(house: House) -> None:
    steps = PAGE.read_text().partition("## iOS Shortcut")[2].partition("## Home")[0]
    for said in ("`q`", "`limit`, Number, `1`", "`results`", "`id`", "Bearer TOKEN"):
        assert said in steps
    search, preview = re.findall(r"`(http://hub\.local\S+/(?:search|preview))`", steps)
    headers = {"authorization": house.here("Bearer TOKEN")}
    http = house.server.http
    found = http.post(house.here(search), json={"q": "dogs", "limit": 1}, headers=headers).json()
    address = house.here(preview).replace("ID", found["results"][0]["id"])
    assert http.get(address, headers=headers).headers["content-type"] == "image/jpeg"
    assert (
        http.get(house.here(f"{ADDRESS}/?q=dogs")).headers["content-type"].startswith("text/html")
    )


# --- Home Assistant -------------------------------------------------------------------------------

TEMPLATES = jinja2.Environment(undefined=jinja2.StrictUndefined)
TEMPLATES.filters["to_json"] = json.dumps


def rendered(template: str, **values: Any) -> str:
    return TEMPLATES.from_string(template).render(**values)


def settings(house: House, key: str) -> Any:
    found = [yaml.safe_load(house.here(text)) for text in of_language("yaml")]
    (section,) = [block[key] for block in found if isinstance(block, dict) and key in block]
    return section


def test_sensors_of_home_assistant(house: House) -> None:
    (platform,) = settings(house, "rest")
    status = house.asked({"url": platform["resource"], **platform})
    values = {
        sensor["unique_id"]: rendered(sensor["value_template"], value_json=status)
        for sensor in (*platform["sensor"], *platform["binary_sensor"])
    }
    assert values == {
        "crispd_photos": "23", "crispd_pending": "0", "crispd_eta": "0", "crispd_trouble": "False",
    }  # fmt: skip
    assert set(platform["sensor"][0]["json_attributes"]) <= set(status)


def test_commands_and_the_picture_of_home_assistant(house: House) -> None:
    commands = settings(house, "rest_command")
    (block,) = settings(house, "template")
    steps = block["actions"]

    def called(step: dict[str, Any], **values: Any) -> dict[str, Any]:
        data = {k: rendered(str(v), **values) for k, v in step["data"].items()}
        if "limit" in data:
            data["limit"] = int(data["limit"])  # type: ignore[assignment]
        command = commands[step["action"].removeprefix("rest_command.")]
        request = command | {"url": rendered(command["url"], **data)}
        content = house.asked(request, rendered(command["payload"], **data))
        return {step["response_variable"]: {"status": 200, "content": content}}

    known = called(steps[0])
    assert known["found"]["content"]["results"]
    assert rendered(steps[1]["condition"], **known) not in {"", "False"}
    known |= called(steps[2], **known)
    (image,) = block["image"]
    picture = house.server.http.get(rendered(image["url"], **known), headers={"authorization": ""})
    assert picture.headers["content-type"] == "image/jpeg"


# --- dashboards -----------------------------------------------------------------------------------


def widgets(house: House) -> list[dict[str, Any]]:
    lists = [yaml.safe_load(house.here(text, house.narrow)) for text in of_language("yaml")]
    return [item for block in lists if isinstance(block, list) for item in block]


def test_a_widget_of_homepage(house: House) -> None:
    widget = widgets(house)[0]["Home"][0]["Photos"]["widget"]
    status = house.asked(widget)
    for mapping in widget["mappings"]:
        number = isinstance(status[mapping["field"]], int)
        assert (mapping.get("format") == "number") is number


def test_a_widget_of_glance(house: House) -> None:
    widget = widgets(house)[1]
    status = house.asked(widget)
    read = re.findall(r'\.JSON\.(\w+) "(\w+)"', widget["template"])
    assert {name for _, name in read} == {"photos", "state", "pending"}
    kinds = {"Int": int, "String": str}
    assert all(isinstance(status[name], kinds[kind]) for kind, name in read)
