"""``crispd search dog on beach``: words as a shell hands them over."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from crispd.cli.app import app
from crispd.cli.commands.search import query_of


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ([], ""),
        (["dog", "on", "beach"], "dog on beach"),
        (["dog on beach"], "dog on beach"),
        (["beach", "-people"], "beach -people"),
        (["red car", "beach"], '"red car" beach'),
        (["in:my party", "beach"], 'in:"my party" beach'),
        (['"red car"', "beach"], '"red car" beach'),
        (["at 5:30 pm", "beach"], '"at 5:30 pm" beach'),
    ],
)
def test_words_become_one_query(words: list[str], query: str) -> None:
    assert query_of(words) == query


def test_an_unknown_long_option_is_no_word() -> None:
    with pytest.raises(typer.BadParameter, match="--limt"):
        query_of(["dog", "--limt", "5"])


def test_the_command_takes_words_without_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def search_anywhere(settings, url, words, *args, **kwargs):
        asked.append(words)
        return {"results": [], "notes": []}

    monkeypatch.setattr("crispd.cli.service_client.search_anywhere", search_anywhere)
    done = CliRunner().invoke(app, ["search", "dog", "on", "-people", "--limit", "3", "--json"])
    assert done.exit_code == 0, done.output
    assert asked == ["dog on -people"]
