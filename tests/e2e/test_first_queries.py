"""Every query that people are told to try finds, in the sample album, what it names."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from crispd.sample_queries import FIRST_QUERY, album_queries
from tests.e2e.server import ALBUM, Server

ROOT = Path(__file__).parents[2]
QUERIES = album_queries()
PAGES = ("README.md", "docs/http.md", "docs/cli.md", "docs/container.md")
_CURL = re.compile(r"/search\?q=([\w%+-]+)")
_COMMAND = re.compile(r"crispd search ['\"]([^'\"]+)['\"]")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("album") / "data", ALBUM)
    server.settle()
    yield server
    server.stop()


def asked_in(text: str) -> set[str]:
    return {unquote_plus(each) for each in _CURL.findall(text)} | set(_COMMAND.findall(text))


@pytest.mark.parametrize("query", QUERIES)
def test_its_photos_come_first_and_no_other_is_likely(query: str, album: Server) -> None:
    wanted = QUERIES[query]
    found = album.get("/search", q=query, min_relevance="all")["results"]
    assert {hit["path"] for hit in found[: len(wanted)]} == set(wanted)
    likely = {hit["path"] for hit in found if hit["relevance"] == "likely"}
    assert likely == set(wanted)


def test_readme_begins_with_them() -> None:
    text = (ROOT / "README.md").read_text()
    named = re.findall(r"\*([^*\n]+)\*(?!\*)", text[: text.index("## Two commands")])
    assert named[0] == FIRST_QUERY
    assert set(named) <= set(QUERIES)
    first = text[text.index("## Your first search") : text.index("How far indexing is")]
    shown = [" ".join(each.split()) for each in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", first)]
    assert set(shown) - {"The same"} <= set(QUERIES)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_the_documents_ask_them(page: str) -> None:
    asked = asked_in((ROOT / page).read_text()) - {"words"}  # a heading: crispd search "words"
    assert asked
    assert asked <= set(QUERIES)


def test_the_answer_that_readme_shows_is_the_albums(album: Server) -> None:
    text = (ROOT / "README.md").read_text()
    shown = text[text.index('{"query"') :]
    [query] = re.findall(r'"query": "([^"]+)"', shown)
    scores = re.findall(r'"path": "([^"]+)".*?"score": ([\d.]+)', shown, re.DOTALL)
    found = album.get("/search", q=query, limit=len(scores))["results"]
    assert [hit["path"] for hit in found] == [path for path, _ in scores]
    for hit, (_, score) in zip(found, scores, strict=True):
        assert hit["score"] == pytest.approx(float(score), abs=0.02)  # graphs differ by processor


def test_the_terminal_the_page_and_its_plain_form_ask_them(album: Server) -> None:
    said = asked_in("".join(album.lines))
    assert said == {FIRST_QUERY}
    plain = album.http.get("/", headers={"accept-language": "en"}).text
    assert asked_in(plain.replace("&amp;", "&")) <= set(QUERIES)
    while not (suggested := album.get("/suggestions"))["complete"]:
        time.sleep(0.05)
    assert set(suggested["words"]) == set(QUERIES)


@pytest.mark.usefixtures("indexed")
def test_another_library_has_words_of_its_own(photos: Path, serve: Callable[..., Server]) -> None:
    server = serve(photos)
    server.settle()
    while not (suggested := server.get("/suggestions"))["complete"]:
        time.sleep(0.05)
    assert "cat" in suggested["words"]
