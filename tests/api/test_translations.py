"""Pages that are made here, in the reader's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from fastapi.testclient import TestClient
from markupsafe import Markup

from crispd.errors import NotFound, TooManyFailures, Unauthorized
from crispd.server.application import create_app
from crispd.types import Note
from crispd.webui.asset_edition import FOLDER, AssetStore
from crispd.webui.translations import Translator, choose_language
from tests.api.conftest import HERE
from tests.api.fake_service import FakeService
from tests.browser.pseudo import translated_strings


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"), ("en-GB", "en"), ("", "en"), ("fr,it", "en"),
        ("fr;q=0.9, de;q=0.3, en;q=0.2", "de"), ("en;q=0.1,DE", "de"), ("de;q=0", "en"),
        ("de;q=x,;;,=", "de"), ("*", "en"),
    ],
)  # fmt: skip
def test_the_best_language_that_is_known(accepted: str, tag: str) -> None:
    assert choose_language(accepted, ["en", "de"]) == tag


def test_translations_are_html() -> None:
    strings = {
        "a": "<{name}> & {n}",
        "b": {"one": "{n} photo", "other": "{n} photos"},
        "failed_404": "Fort.",
        "note_spelling": "{read} statt {written}",
    }
    translate = Translator("de", strings)
    bold = Markup("<b>x</b>")
    assert translate("a", name=bold, n=2) == "&lt;<b>x</b>&gt; &amp; 2"
    assert translate("a", name="<b>") == "&lt;&lt;b&gt;&gt; &amp; "
    assert [translate("b", n=n) for n in (0, 1, 2)] == ["0 photos", "1 photo", "2 photos"]
    note = Note("Searched for dog.", "spelling", read="dog", written="<dgo>")
    assert translate.note(note) == "dog statt &lt;dgo&gt;"
    assert translate.note("A <plain> note.") == "A &lt;plain&gt; note."
    assert translate.note(Note("<New>", "new")) == "&lt;New&gt;"
    assert translate.error(NotFound("There is no photo.")) == "Fort."
    assert translate.error(Unauthorized("<No>.")) == "&lt;No&gt;."
    english = Translator("en", strings)
    assert english.error(NotFound("There is no photo.")) == "There is no photo."
    assert translate.error(TooManyFailures("Wait 3 s.", 3)) == "Wait 3 s."


def visible(answer: httpx.Response) -> str:
    """What a page shows and reads out, and what it holds for later."""
    text = re.sub(r"<(script|style|code|b)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    spoken = re.findall(r"""(?:alt|title|placeholder|aria-label|data-\w+)=["']([^"']+)""", text)
    described = re.findall(r'name="description" content="([^"]+)', text)
    return unescape(" ".join([*re.sub(r"<[^>]+>", " ", text).split(), *spoken, *described]))


@pytest.fixture
def foreign(service: FakeService, tmp_path: Path) -> Iterator[TestClient]:
    """A client of a house whose English is written in Hebrew letters."""
    folder = copytree(FOLDER, tmp_path / "webui")
    strings = folder / "strings" / "en.json"
    strings.write_text(json.dumps(translated_strings(json.loads(strings.read_text()))))
    app = create_app(service, "0.1.0", lambda *_: None)
    app.state.assets = AssetStore(folder)
    with TestClient(app, base_url=HERE, client=("127.0.0.1", 50000)) as client:
        while not service.started:
            pass
        yield client


def test_no_page_has_words_of_its_own(foreign: TestClient, service: FakeService) -> None:
    def latin(answer: httpx.Response) -> set[str]:
        data = {"crispd", "IMG_1.jpg", "2021", "A note", "skip", "ms", "data-t"}
        text = visible(answer)
        for known in ("2021/IMG_1.jpg", "A note.", "dog on a beach", "search_label"):
            text = text.replace(known, "")
        return set(re.findall(r"[A-Za-z]{2,}", text)) - data

    assert latin(foreign.get("/")) == set()
    assert latin(foreign.get("/?q=dog")) <= {"dog"}
    assert latin(foreign.get("/?copies=" + service.photo_record.id)) == set()
    assert latin(foreign.get("/pair")) == set()
    made = foreign.post("/pair/new", data={"name": "Lena", "scope": ["search"]})
    assert made.status_code == 200
    assert latin(made) <= {"Lena"}
    assert latin(foreign.post("/pair/new", data={"name": ""})) == set()
    manifest = foreign.get("/manifest.webmanifest").json()
    assert not re.search("[a-z]{3}", manifest["description"] + manifest["shortcuts"][0]["name"])
    service.photos = 0
    assert latin(foreign.get("/")) == set()


def test_pages_in_german(http: TestClient) -> None:
    german = {"Accept-Language": "de-DE,de;q=0.9"}
    for path, said in (
        ("/", "Sag in ein paar Wörtern"), ("/?q=dog", "Die Aufrufe für Programme"),
        ("/pair", "Ein weiteres Gerät koppeln"), ("/shell", "Zu den Fotos springen"),
    ):  # fmt: skip
        answer = http.get(path, headers=german)
        assert '<html lang="de"' in answer.text
        assert said in answer.text
        assert '<html lang="en"' in http.get(path).text
    manifest = http.get("/manifest.webmanifest", headers=german)
    assert manifest.json()["lang"] == "de"
    assert manifest.headers["etag"] != http.get("/manifest.webmanifest").headers["etag"]
    wrong = http.post("/sign-in", data={"code": "1234"}, headers=german)
    assert wrong.status_code == 401
    assert "Dieser Code ist falsch" in wrong.text


def test_pages_in_other_languages(http: TestClient) -> None:
    for language, said in (("fr", "Dites en quelques mots"), ("cs", "Napište pár slovy")):
        answer = http.get("/", headers={"Accept-Language": f"{language}-XX,{language};q=0.9,en"})
        assert f'<html lang="{language}"' in answer.text
        assert said in answer.text


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["other", "one", "other", "other", "other"]),
        ("de", ["other", "one", "other", "other", "other"]),
        ("fr", ["one", "one", "other", "other", "other"]),
        ("cs", ["other", "one", "few", "few", "other"]),
    ],
)
def test_the_plural_form_of_a_number(language: str, forms: list[str]) -> None:
    translate = Translator(
        language, {"a": {name: name for name in ("one", "few", "many", "other")}}
    )
    assert [translate("a", n=n) for n in (0, 1, 2, 4, 5)] == forms
    assert translate("a") == "other"
