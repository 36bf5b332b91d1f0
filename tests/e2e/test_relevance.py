"""Where an answer ends, through a whole process over the sample album."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import Server

ALBUM = Path(__file__).parents[2] / "crispd" / "sample_album"
THERE = {
    "a cat": "cat_chelsea.jpg",
    "espresso": "coffee_cup.jpg",
    "dogs": "two_dogs_window.jpg",
    "paint brushes": "paint_brushes.jpg",
    "stars in the night sky": "galaxies.jpg",
    "an astronaut in an orange suit": "astronaut.jpg",
    "two dogs looking out of a window": "two_dogs_window.jpg",
    "yellow flowers in the grass": "dandelions.jpg",
    "a stream in the forest": "forest_stream.jpg",
    "a man taking a photo with a camera": "photographer.jpg",
    "a path in the mountains": "mountain_path.jpg",
}
NOT_THERE = (
    "x-ray of a tooth", "receipt", "penguin", "floor plan", "sushi", "wedding cake", "bus",
    "snowboarding", "screenshot of a chat", "swimming pool", "birthday party", "x-ray",
)  # fmt: skip


@pytest.mark.usefixtures("indexed")
def test_what_is_there_comes_first_and_what_is_not_there_is_not_likely(
    photos: Path, serve: Callable[..., Server]
) -> None:
    server = serve(photos)
    server.settle()
    for words, name in THERE.items():
        answer = server.get("/search", q=words)
        first = answer["results"][0]
        assert first["filename"] == name, words
        assert first["relevance"] in {"likely", "maybe"}, words
        assert first["score"] > 0.1, words
        assert len(answer["results"]) == answer["likely"] + answer["maybe"] < 23, words
    for words in NOT_THERE:
        answer = server.get("/search", q=words)
        assert answer["likely"] == 0, (words, answer["results"])
        assert len(answer["results"]) == answer["maybe"]
        if not answer["results"]:
            assert "min_relevance=all" in answer["notes"][-1]
            assert 0 < len(answer["closest"]) <= 6, words
        else:
            assert answer["closest"] == []
    every = server.get("/search", q="x-ray of a tooth", min_relevance="all", limit=200)
    assert len(every["results"]) == 23
    page = server.http.get("/", params={"q": "x-ray of a tooth"}).text
    assert "min_relevance=all" in page
