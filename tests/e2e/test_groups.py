"""``group=duplicates`` on a real process: over HTTP, on the command line, after a restart."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server, command
from tests.e2e.test_duplicates import versions

NAMES = ("rocket", "raccoon", "astronaut")


def everything(server: Server, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Hits of all pages."""
    page = server.http.post("/search", json=asked).json()
    found = page["results"]
    while page["next"] is not None:
        page = server.get("/search", cursor=page["next"])
        found += page["results"]
    return found


def group_of(filename: str) -> str:
    return next((name for name in NAMES if filename.startswith(name)), filename)


@pytest.mark.usefixtures("indexed")
def test_versions_fold_into_the_best(photos: Path, serve: Callable[..., Server]) -> None:
    for name in NAMES:
        versions(photos / f"{name}.jpg")
    server = serve(photos)
    server.settle()
    while not server.get("/duplicates")["complete"]:
        time.sleep(0.05)
    for asked in (
        {"q": "a raccoon", "min_relevance": "all", "limit": 7},
        {"q": "a rocket", "limit": 3},
        {"q": "an astronaut", "min_relevance": "all", "sort": "newest", "limit": 5},
        {"type": "jpeg", "limit": 4},
        {"like": server.get("/search", q="rocket")["results"][0]["id"], "limit": 9},
    ):
        whole = everything(server, asked)
        grouped = everything(server, {**asked, "group": "duplicates"})
        assert sum(1 + hit["duplicates"] for hit in grouped) == len(whole)
        ids = [each for hit in grouped for each in (hit["id"], *hit["duplicate_ids"])]
        assert sorted(ids) == sorted(hit["id"] for hit in whole)
        shown = [group_of(hit["filename"]) for hit in grouped]
        assert len(shown) == len(set(shown))
        if asked.get("q") and "sort" not in asked:
            assert shown == list(dict.fromkeys(group_of(hit["filename"]) for hit in whole))
            assert grouped[0]["id"] == whole[0]["id"]
    assert server.get("/search", q="rocket")["results"][0]["duplicates"] is None


@pytest.mark.usefixtures("indexed")
def test_the_command_line_and_a_restart(photos: Path, serve: Callable[..., Server]) -> None:
    versions(photos / "rocket.jpg")
    server = serve(photos)
    server.settle()
    while not server.get("/duplicates")["complete"]:
        time.sleep(0.05)
    # all of it: which of these versions may be a rocket is not what is asked here
    words = ("search", "rocket", "--group", "duplicates", "--min-relevance", "all", "--url")
    words += (str(server.http.base_url),)
    found = command(server.data, *words, "--json")
    first = json.loads(found.stdout)["results"][0]
    assert (group_of(first["filename"]), first["duplicates"]) == ("rocket", 5)
    said = command(server.data, *words)
    assert "(and 5 alike)" in said.stdout
    server.stop()
    again = serve(photos)
    again.settle()
    # nothing is compared again: the first answer of all knows the groups
    first = again.get("/search", q="rocket", group="duplicates", min_relevance="all")
    assert (first["results"][0]["duplicates"], first["notes"]) == (5, [])
