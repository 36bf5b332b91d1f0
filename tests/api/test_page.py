"""The page's files, its feed and what it proposes, as the server sends them."""

from __future__ import annotations

import ast
import asyncio
import base64
import hashlib
import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from crispd.api import event_stream as feeds
from crispd.api.event_stream import EventStream
from crispd.errors import OUTCOMES, Overloaded
from crispd.types import IngestProgress, Note, Query, ResultPage
from crispd.webui.asset_edition import FOLDER, AssetStore
from crispd.webui.module_bundler import BundleError, bundle_modules
from tests.api.checks import problem
from tests.api.fake_service import ID, FakeService

PACKAGE, STATIC = FOLDER.parent, FOLDER / "static"
# All that a first visit loads, without photos.
MOST_BYTES = 200_000
# What a language other than English adds.
MOST_LANGUAGE_BYTES = 25_000


def test_the_files_are_few_small_and_kept(http: TestClient) -> None:
    text = http.get("/").text
    loaded = r'<(?:link|script|img)\b[^>]*? (?:src|href)="(/[^"#?]*)"'
    paths = set(re.findall(loaded, text))
    assert len(paths) == 5
    assert [path.rpartition("/")[2] for path in paths if path.endswith(".js")] == ["page.js"]
    total = len(text)
    for path in paths:
        answer = http.get(path)
        total += len(answer.content)
        if path.startswith("/web/"):
            assert "immutable" in answer.headers["cache-control"]
        again = http.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304, path
    assert total < MOST_BYTES


def test_a_language_is_loaded_by_those_who_speak_it(http: TestClient) -> None:
    english = http.get("/").text
    assert "languages/" not in english
    script = http.get(re.findall(r'src="([^"]*/page\.js)"', english)[0]).text
    assert "Čeština" in script
    assert "Složka" not in script
    for language, folder in (("de", "Ordner"), ("fr", "Dossier"), ("cs", "Složka")):
        spoken = {"Accept-Language": f"{language},en;q=0.5"}
        (path,) = re.findall(
            r'rel="modulepreload" href="([^"]*)"', http.get("/", headers=spoken).text
        )
        assert path.endswith(f"/languages/{language}.js")
        answer = http.get(path)
        assert answer.headers["content-type"].startswith("text/javascript")
        assert f'"folder":"{folder}"' in answer.text
        assert path in http.get("/sw.js", headers=spoken).text
        assert len(answer.content) < MOST_LANGUAGE_BYTES


def test_an_address_to_share_opens_the_page(http: TestClient) -> None:
    answer = http.get("/?q=dog&after=2020&sort=newest&photo=abc&view=house")
    assert answer.status_code == 200
    assert 'value="dog"' in answer.text


def test_the_document_brings_its_answer(http: TestClient) -> None:
    """What the scripts would ask for first stands in the document."""

    def brought(path: str) -> Any:
        answer = http.get(path)
        assert answer.status_code == 200
        found = re.search(r'<script type="application/json" id="given">(.*?)</script>', answer.text)
        assert found is not None
        return json.loads(found[1])

    for path, same in (
        ("/?q=dog", "/search?q=dog&limit=60"),
        (
            "/?q=dog&after=2020&type=jpeg&sort=newest",
            "/search?q=dog&after=2020&type=jpeg&sort=newest&limit=60",
        ),
        ("/", "/search?min_width=1&limit=60"),
        ("/?sort=oldest&photo=abc&view=house", "/search?sort=oldest&min_width=1&limit=60"),
    ):
        given, asked = brought(path), http.get(same).json()
        for answer in (given["answer"], asked):
            answer.pop("next")
            answer.pop("timings_ms")
        assert given["answer"] == asked
        assert given["status"].keys() == http.get("/status").json().keys()
    # nothing that somebody types ends the element
    assert brought("/?q=</script><b>")["answer"]["query"] == "</script><b>"
    wrong = http.get("/?q=dog&rating=seven")
    assert wrong.status_code == 400
    assert "rating" in wrong.text
    assert 'id="given"></script>' in wrong.text


def test_the_document_names_the_first_thumbnails_for_phones(http: TestClient) -> None:
    """They are those that the page asks for, so that they are loaded beside its script."""
    names = r'<link rel="preload" as="image" media="\(max-width: 699px\)" href="([^"]+)">'
    found = re.findall(names, http.get("/?q=dog").text)
    assert found == [f"/photos/{ID}/thumbnail?size=320"]
    assert http.get(found[0]).status_code == 200
    for other in ("/?view=house", f"/?photo={ID}", "/shell"):
        assert not re.findall(names, http.get(other).text)


def test_the_style_in_the_document_is_the_one_that_its_policy_names(http: TestClient) -> None:
    for path in ("/", "/shell"):
        answer = http.get(path)
        style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert f"style-src 'self' 'sha256-{digest}'" in answer.headers["content-security-policy"]
        assert answer.headers["content-encoding"] == "gzip"
        plain = http.get(path, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers


def test_modules_are_linked_in_the_order_of_their_needs() -> None:
    app = """import { one as first, two } from "./b.js";
import c from "./c.js";
run(first, two, c);
"""
    b = """import c from "./c.js";
export const one = c;
export async function two() {}
"""
    c = """/**
 * @type {{ a: never }}
 */
export default {
  /** never */
  a: 1,
};
"""
    modules = {"app.js": app, "b.js": b, "c.js": c, "alone.js": "never();\n"}
    script = bundle_modules(modules, "app.js")
    assert re.findall(r"^const (\$\w+)", script, re.MULTILINE) == ["$c", "$b", "$app"]
    for line in ("const { one: first, two } = $b;", "const { default: c } = $c;",
                 "return { one, two };", "return { default: the_default };"):  # fmt: skip
        assert line in script
    assert "never" not in script


def test_modules_name_those_of_other_folders_from_where_they_are() -> None:
    modules = {
        "app.js": 'import { a } from "./one/a.js";\nrun(a);\n',
        "one/a.js": 'import { b } from "../two/b.js";\nexport const a = b;\n',
        "two/b.js": "export const b = 1;\n",
    }
    script = bundle_modules(modules, "app.js")
    assert re.findall(r"^const (\$\w+)", script, re.MULTILINE) == ["$two_b", "$one_a", "$app"]
    assert "const { b } = $two_b;" in script


def test_all_modules_are_in_the_script() -> None:
    """Every module of the page is in it but those that are loaded by themselves, and it is what a
    browser reads.
    """
    script = AssetStore().edition().assets["page.js"].data.decode()
    names = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")} - {"sw.js"}
    later = {name for name in names if name.startswith("map/")}
    assert "map/map.js" in later
    # they would bring modules of the page a second time
    for name in later:
        imports = re.findall(r'^import .* from "(.*)";$', (STATIC / name).read_text(), re.MULTILINE)
        assert all(path.startswith("./") for path in imports), name
    names -= later
    names |= {"languages.js", "filter_list.js"}
    assert set(re.findall(r"^// (\w[\w./]*\.js)$", script, re.MULTILINE)) == names
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize(
    ("modules", "what"),
    [
        (
            {"app.js": 'import { a } from "./b.js";\n', "b.js": 'import { b } from "./app.js";\n'},
            "circle",
        ),
        ({"app.js": 'import { a } from "./b.js";\n'}, "no such module"),
        ({"app.js": 'import * as b from "./b.js";\n'}, "cannot be linked"),
        ({"app.js": "const a = 1;\nexport { a };\n"}, "cannot be linked"),
        ({"app.js": "const a = `\n  two lines`;\n"}, "cannot be linked"),
        ({"app.js": "import a from './b.js';\n", "b.js": ""}, "cannot be linked: import a"),
        ({"app.js": 'import "./b.js";\n', "b.js": ""}, "cannot be linked"),
        ({"app.js": "export const a=1;\n"}, "cannot be linked"),
        ({"app.js": "export * from './b.js';\n", "b.js": ""}, "cannot be linked"),
    ],
)
def test_a_module_that_cannot_be_linked_is_named(modules: dict[str, str], what: str) -> None:
    with pytest.raises(BundleError, match=what):
        bundle_modules(modules, "app.js")


def test_types_of_the_files(http: TestClient) -> None:
    kinds = {
        "/sw.js": "text/javascript",
        "/manifest.webmanifest": "application/manifest+json",
        "/web/x/page.css": "text/css; charset=utf-8",
        "/web/x/app.js": "text/javascript; charset=utf-8",
        "/web/x/icons/icon.svg": "image/svg+xml",
        "/web/x/icons/icon-192.png": "image/png",
        "/shell": "text/html; charset=utf-8",
    }
    for path, kind in kinds.items():
        answer = http.get(path)
        assert answer.headers["content-type"].startswith(kind), path
        assert answer.headers["cache-control"] == "no-cache"
    assert http.get("/web/x/../app.py").status_code == 404
    assert http.get("/web/x/%2e%2e/api/app.py").status_code == 404


def test_gzip_for_those_who_take_it(http: TestClient) -> None:
    plain = http.get("/web/x/page.css", headers={"Accept-Encoding": "identity"})
    packed = http.get("/web/x/page.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


def test_the_worker_names_every_file_of_its_edition(http: TestClient) -> None:
    script = http.get("/sw.js").text
    edition = json.loads(script.removeprefix("const EDITION = ").partition(";\n")[0])
    for path in edition["files"]:
        assert http.get(path).status_code == 200, path


def test_an_edited_file_is_a_new_edition(tmp_path: Path) -> None:
    files = {
        "templates/index.html": "<p>{{ web }} {{ q }}</p>{{ style }}",
        "templates/pairing/redeem.js": "",
        "static/styles/page.css": "p > b { margin: 0 }",
        "static/app.js": "one",
        "strings/en.json": "{}",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    store = AssetStore(tmp_path)
    versions = {store.edition().version}
    assert store.edition() is store.edition()
    for name in ("static/app.js", "strings/en.json", "templates/index.html"):
        (tmp_path / name).write_text(files[name].replace("one", "another") + "\n")
        versions.add(store.edition().version)
    assert len(versions) == 4
    last = store.edition()
    assert last.assets["app.js"].data == b"another\n"
    assert b"another" in last.assets["page.js"].data
    (tmp_path / "static" / "app.js~").write_text("of an editor")
    assert store.edition() is last
    # what somebody types is neither a place to fill in nor HTML
    shown = last.templates.get_template("index.html").render(q="{{ web }}<b>")
    assert shown == f"<p>/web/{last.version} {{{{ web }}}}&lt;b&gt;</p>p > b {{ margin: 0 }}"


def test_every_string_is_there_in_every_language() -> None:
    strings = AssetStore().edition().strings
    english = set(strings["en"])
    assert len(english) > 100
    assert next(iter(strings)) == "en"
    assert set(strings) == {"en", "cs", "de", "fr"}
    used = set()
    for path in [*STATIC.rglob("*.js"), *(FOLDER / "templates").rglob("*.html")]:
        used |= set(re.findall(r"""\bt\("(\w+)"[,)]""", path.read_text()))
    for path in FOLDER.glob("*.py"):
        used |= set(re.findall(r"""\btranslate\("(\w+)"[,)]""", path.read_text()))
    assert {"skip", "show_copies", "pair_incomplete", "pair_once"} <= used
    assert used - english == set()


def test_templates_escape_and_python_holds_no_html() -> None:
    assert AssetStore().edition().templates.autoescape is True
    for path in FOLDER.rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text()), path
    for path in FOLDER.glob("*.py"):
        assert not re.search(r"</?[a-z]+[ >]", path.read_text()), path


def codes_in(package: Path) -> set[str]:
    """Codes of all sentences that are written as notes."""
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id == "Note":  # type: ignore[attr-defined]
                found.add(node.args[1].value)  # type: ignore[attr-defined]
    return found


def test_the_original_of_what_was_put_right_is_a_tap_away(
    http: TestClient, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Note("Read dog for dgo.", "spelling", written="dgo", read="dog")
    search = service.search

    def corrected(query: Query) -> ResultPage:
        return replace(search(query), notes=(told,) if query.spelling else ())

    monkeypatch.setattr(service, "search", corrected)
    text = http.get("/?q=%3Cdgo%3E&type=jpeg&group=none").text
    (link,) = re.findall(r'href="([^"]*spelling[^"]*)">', text)
    assert unescape(link) == "/?q=%3Cdgo%3E&type=jpeg&group=none&spelling=false"
    assert "spelling" not in "".join(re.findall(r'href="([^"]*)"', http.get(unescape(link)).text))
    assert not service.queries[-1].spelling


def test_what_the_service_says_is_translated() -> None:
    codes = codes_in(PACKAGE)
    assert {"spelling", "paused", "not_there"} <= codes
    english = AssetStore().edition().strings["en"]

    def known_of(*kinds: str) -> set[str]:
        parts = [key.partition("_") for key in english]
        return {code for kind, _, code in parts if kind in kinds}

    known = known_of("note", "message", "hint")
    # missing photos are asked about with a button
    assert codes - known == {"missing"}
    listed = (PACKAGE.parent / "docs" / "http.md").read_text().partition("Codes: ")[2]
    problems = set(re.findall(r"`(\w+)`", listed.partition("\n\n")[0]))
    assert len(problems) == 12
    assert problems == known_of("problem") - {"count"}
    statuses = {str(outcome.status) for outcome in OUTCOMES.values()}
    assert statuses - known_of("failed") == set()


def test_suggestions(http: TestClient) -> None:
    assert http.get("/suggestions").json() == {
        "words": ["dog"],
        "complete": False,
        "types": [{"value": "jpeg", "count": 3}],
        "cameras": [{"value": "Pixel 8", "count": 3}],
        "years": [{"value": "2021", "count": 3}],
        "folders": [],
        "people": [],
        "places": [],
        "keywords": [],
    }


def test_completions(http: TestClient) -> None:
    place = {"text": "at 2?", "kind": "place", "count": 3, "q": "\U0001f415s"}
    word = {"text": "sea", "kind": "word", "count": None, "q": "sea"}
    answer = http.get("/completions", params={"q": "\U0001f415s"})
    assert answer.json() == {"completions": [place, word]}
    at = http.get("/completions", params={"q": "\U0001f415s", "at": 1}).json()["completions"][0]
    assert at["text"] == "at 1?"
    problem(http.get("/completions"), 400, "q")
    problem(http.get("/completions?q=a&at=-1"), 400, "at")
    problem(http.get("/completions?q=a&at=10001"), 400, "at")


def test_completions_are_asked_for_in_the_readers_language(
    http: TestClient, service: FakeService
) -> None:
    for header in ("de-AT,en;q=0.5", "*", ""):
        http.get("/completions", params={"q": "h"}, headers={"Accept-Language": header})
    assert service.spoken == ["de", "*", ""]


class CountingHouse(FakeService):
    """Counts how often its status is asked for."""

    asked = 0

    def status(self):  # type: ignore[no-untyped-def]
        self.asked += 1
        return super().status()


def test_the_feed_asks_once_for_all_who_watch() -> None:
    async def watched() -> None:
        service, feed = CountingHouse(started=True), EventStream(poll_seconds=0.02)
        streams = [feed.watch(service) for _ in range(20)]
        seen: list[list[bytes]] = [[] for _ in streams]

        async def read(stream, told: list[bytes]) -> None:  # type: ignore[no-untyped-def]
            async for event in stream:
                told.append(event)

        readers = [
            asyncio.create_task(read(stream, told))
            for stream, told in zip(streams, seen, strict=True)
        ]
        await asyncio.sleep(0.3)
        service.state = IngestProgress(pending=4)
        await asyncio.sleep(0.2)
        assert feed.watchers == 20
        asked = service.asked
        assert 2 <= asked <= 30  # not twenty times as often
        feed.close()
        await asyncio.wait_for(asyncio.gather(*readers), 1)
        assert feed.watchers == 0
        for told in seen:
            events = [item for item in told if item.startswith(b"event: status")]
            pending = [json.loads(item.partition(b"data: ")[2])["pending"] for item in events]
            assert pending == [0, 4]
        await asyncio.sleep(0.1)
        assert service.asked == asked

    asyncio.run(watched())


def test_a_quiet_feed_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_SECONDS", 0.05)

    async def first_words() -> list[bytes]:
        feed = EventStream(poll_seconds=0.01)
        stream = feed.watch(FakeService(started=True))
        told = [await anext(stream)]
        while (event := await anext(stream)) == b": still here\n\n":
            pass  # the first look at the service may take longer
        told += [event, await anext(stream), await anext(stream)]
        feed.close()
        return told

    told = asyncio.run(first_words())
    assert told[0].startswith(b"retry:")
    assert told[1].startswith(b"event: status")
    assert told[2] == told[3] == b": still here\n\n"


def test_too_many_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_WATCHERS", 0)
    with pytest.raises(Overloaded):
        EventStream().watch(FakeService())


def test_a_watched_server_stops_at_once(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"x")
    command = [sys.executable, "-m", "tests.api.serve_fake", str(photo), "plain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = None
        for line in process.stdout:
            found = re.search(r"listening at (http://\S+)", line)
            if found:
                break
        assert found is not None
        with httpx.stream("GET", f"{found[1]}/events", timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            while not next(lines).startswith("data:"):
                pass
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert all(not line.startswith("data:") for line in lines)
        process.communicate(timeout=20)
        # uvicorn gives open connections five seconds
        assert time.monotonic() - began < 4
        assert process.returncode == 0
