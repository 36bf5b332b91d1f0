"""What programs are told of a question: values and codes beside sentences."""

from __future__ import annotations

import copy
from datetime import datetime

import pytest

from crispd.query import parse
from crispd.types import Note, code_of

NOW = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("dog type:heic,jpeg", {"types": ("heic", "jpeg")}),
        ("dog in:2019/party", {"folder": "2019/party"}),
        ("dog rating:4", {"rating": 4}),
        ("dog after:2020-06", {"after": "2020-06-01T00:00:00"}),
        ("dog before:2020-06", {"before": "2020-06-01T00:00:00"}),
        ("dog 2021", {"after": "2021-01-01T00:00:00", "before": "2022-01-01T00:00:00"}),
        ("dog width:2000", {"min_width": 2000}),
        ("dog is:portrait", {"orientation": "portrait"}),
        ("dog -people", {}),
    ],
)
def test_values_of_what_was_understood(query: str, values: dict[str, object]) -> None:
    (part,) = parse(query, NOW).interpreted
    assert part.values == values


def test_a_place_is_told_in_its_parts() -> None:
    (part,) = parse("dog near:48.86,2.35,5km", NOW).interpreted
    near = part.values["near"]
    assert (near.latitude, near.longitude, near.radius_km) == (48.86, 2.35, 5.0)


@pytest.mark.parametrize(
    ("query", "code", "values"),
    [
        ("dog rating:many", "as_words", {"written": "rating:many", "field": "rating"}),
        ("dog near:home", "as_words", {"written": "near:home", "field": "near"}),
        ("dog -rating:4", "as_words", {"written": "-rating:4", "field": "rating"}),
        ("dog like:x", "as_words", {"written": "like:x", "field": "like"}),
        ("dog after:2021 before:2020", "contradiction", {}),
    ],
)
def test_notes_have_codes(query: str, code: str, values: dict[str, str]) -> None:
    (note,) = parse(query, NOW).notes
    assert isinstance(note, Note)
    assert note == str(note)
    assert (note.code, note.values) == (code, values)


def test_a_note_can_be_copied() -> None:
    """As asdict does, on the way to JSON."""
    note = Note("Read a for b.", "spelling", written="b", read="a")
    again = copy.deepcopy(note)
    assert again == note
    assert (again.code, again.values) == (note.code, note.values)


def test_a_sentence_without_a_code() -> None:
    assert code_of("Something.") is None
    assert code_of(None) is None
