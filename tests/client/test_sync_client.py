"""The synchronous client is what ``make client`` makes of the asynchronous one."""

from __future__ import annotations

import io
import runpy
import tokenize
from pathlib import Path

MADE_BY = Path(__file__).parents[2] / "scripts" / "sync_client.py"
LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def words(source: str) -> list[str]:
    """All but the breaks of lines: the formatter sets those."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type not in LAYOUT]


def test_the_committed_one_is_what_is_made_now() -> None:
    """make client when this fails."""
    script = runpy.run_path(str(MADE_BY))
    made = script["synchronous"](script["SOURCE"].read_text(encoding="utf-8"))
    assert words(script["TARGET"].read_text(encoding="utf-8")) == words(made)


def test_nothing_in_it_waits_for_an_event_loop() -> None:
    made = runpy.run_path(str(MADE_BY))["TARGET"].read_text(encoding="utf-8")
    assert not [word for word in words(made) if "async" in word.lower() and word[0] != "#"]
    assert "await" not in words(made)
