"""Where words stand in lines of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.store.words.marks import WordMarker

RECEIPT = [
    "ZOOHAUSKIEL GmbH",
    "Hauptstr. 12, 24103 Kiel",
    "GARDEN1A Erde 26,43 EUR",
    "A L D I Liefer-",
    "schein vom 12.03.2021",
    "東京タワー 営業中",
]


def marked(words: str, lines: list[str] = RECEIPT) -> list[str]:
    """The pieces that are marked, with their lines' numbers."""
    spans = WordMarker(words.split(), {"erde"}.__contains__).spans(lines)
    return [
        f"{at} {line[start:end]}"
        for at, (line, own) in enumerate(zip(lines, spans, strict=True))
        for start, end in own
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("kiel", ["1 Kiel"]),
        ("KIEL erde", ["1 Kiel", "2 Erde"]),
        ("zoohaus", ["0 ZOOHAUSKIEL"]),
        ("gardenia", ["2 GARDEN1A"]),
        ("erden", []),
        ("26.43€", ["2 26,43"]),
        ("26,34", []),
        ("24103.26", ["1 24103", "2 26"]),
        ("2021-03-12", ["4 12.03.2021"]),
        ("hauptstraße", ["1 Hauptstr."]),
        ("aldi", ["3 A L D I"]),
        ("lieferschein", ["3 Liefer-", "4 schein"]),
        ("東京", ["5 東京"]),
        ("タワー", ["5 タワー"]),
        ("業", ["5 業"]),
        ("?! ", []),
    ],
)
def test_what_is_marked(words: str, found: list[str]) -> None:
    assert marked(words) == found


@given(st.lists(st.text(max_size=9), max_size=4), st.lists(st.text(max_size=30), max_size=4))
def test_spans_lie_within_their_lines_and_apart(words: list[str], lines: list[str]) -> None:
    spans = WordMarker(words, lambda _: False).spans(lines)
    for line, own in zip(lines, spans, strict=True):
        ends = [0, *(place for span in own for place in span), len(line)]
        assert ends == sorted(ends)
