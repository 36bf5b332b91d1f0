"""Pages that are made here, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from fastapi.testclient import TestClient

from crispd.api import app as apps
from crispd.api.app import create_app
from crispd.api.shell import WEB, Shell
from crispd.api.words import Words, chosen, read_strings
from crispd.errors import NotFound, TooManyFailures, Unauthorized
from crispd.types import Note
from tests.api.conftest import HERE
from tests.api.fake_house import FakeHouse
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
    assert chosen(accepted, ["en", "de"]) == tag


def test_every_string_is_read_as_scripts_read_it() -> None:
    for tag in ("en", "de"):
        text = (WEB / f"strings.{tag}.js").read_text()
        keys = re.findall(r"^  (\w+): ", text, re.MULTILINE)
        strings = read_strings(text)
        assert list(strings) == [key for key in keys if key != "words"]
        assert all(forms["other"] for forms in strings.values())
    assert strings["photos"] == {"one": "{n} Foto", "other": "{n} Fotos"}


def test_words_are_html() -> None:
    strings = {
        "a": {"other": "<{name}> & {n}"},
        "b": {"one": "{n} photo", "other": "{n} photos"},
        "failed_404": {"other": "Fort."},
        "note_spelling": {"other": "{read} statt {written}"},
    }
    words = Words("de", strings)
    assert words("a", name="<b>x</b>", n=2) == "&lt;<b>x</b>&gt; &amp; 2"
    assert [words("b", n=n) for n in (0, 1, 2)] == ["0 photos", "1 photo", "2 photos"]
    note = Note("Searched for dog.", "spelling", read="dog", written="<dgo>")
    assert words.of_note(note) == "dog statt &lt;dgo&gt;"
    assert words.of_note("A <plain> note.") == "A &lt;plain&gt; note."
    assert words.of_error(NotFound("There is no photo.")) == "Fort."
    assert words.of_error(Unauthorized("<No>.")) == "&lt;No&gt;."
    assert Words("en", strings).of_error(NotFound("There is no photo.")) == "There is no photo."
    assert words.of_error(TooManyFailures("Wait 3 s.", 3)) == "Wait 3 s."


def visible(answer: httpx.Response) -> str:
    """What a page shows and reads out, and what it holds for later."""
    text = re.sub(r"<(script|style|code|b)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    spoken = re.findall(r"""(?:alt|title|placeholder|aria-label|data-\w+)=["']([^"']+)""", text)
    described = re.findall(r'name="description" content="([^"]+)', text)
    return unescape(" ".join([*re.sub(r"<[^>]+>", " ", text).split(), *spoken, *described]))


@pytest.fixture
def foreign(
    house: FakeHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A client of a house whose English is written in Hebrew letters."""
    web = copytree(WEB, tmp_path / "web")
    strings = web / "strings.en.js"
    strings.write_text(translated_strings(strings.read_text()))
    monkeypatch.setattr(apps, "Shell", lambda: Shell(web))
    with TestClient(
        create_app(house, "0.1.0", lambda *_: None), base_url=HERE, client=("127.0.0.1", 50000)
    ) as client:
        while not house.started:
            pass
        yield client


def test_no_page_has_words_of_its_own(foreign: TestClient, house: FakeHouse) -> None:
    def latin(answer: httpx.Response) -> set[str]:
        data = {"crispd", "IMG_1.jpg", "2021", "A note", "skip", "ms", "data-t"}
        text = visible(answer)
        for known in ("2021/IMG_1.jpg", "A note.", "dog on a beach", "search_label"):
            text = text.replace(known, "")
        return set(re.findall(r"[A-Za-z]{2,}", text)) - data

    assert latin(foreign.get("/")) == set()
    assert latin(foreign.get("/?q=dog")) <= {"dog"}
    assert latin(foreign.get("/?copies=" + house.photo_record.id)) == set()
    assert latin(foreign.get("/pair")) == set()
    made = foreign.post("/pair/new", data={"name": "Lena", "scope": ["search"]})
    assert made.status_code == 200
    assert latin(made) <= {"Lena"}
    assert latin(foreign.post("/pair/new", data={"name": ""})) == set()
    manifest = foreign.get("/manifest.webmanifest").json()
    assert not re.search("[a-z]{3}", manifest["description"] + manifest["shortcuts"][0]["name"])
    house.photos = 0
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
