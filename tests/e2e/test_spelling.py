"""Words that are none, asked of a real service: the library's own names are words at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import ALBUM, Server


@pytest.mark.usefixtures("indexed")
def test_a_folder_makes_its_name_a_word(photos: Path, serve: Callable[..., Server]) -> None:
    server = serve(photos)
    server.settle()
    for word in ("couches", "sprinkles", "bridle"):
        assert server.get("/search", q=word)["searched"] == word
    answer = server.get("/search", q="mountians at night")
    assert answer["searched"] == "mountains at night"
    (remark,) = [one for one in answer["remarks"] if one["code"] == "spelling"]
    assert remark["values"] == {"written": "mountians", "read": "mountains"}
    assert server.get("/search", q="mountians", spelling=False)["searched"] == "mountians"

    (photos / "2021 Mountians").mkdir()
    shutil.copy(ALBUM / "cat_chelsea.jpg", photos / "2021 Mountians" / "new.jpg")
    server.until(lambda _status: "2021 Mountians/new.jpg" in server.paths(), 30)
    assert server.get("/search", q="mountians at night")["searched"] == "mountians at night"
