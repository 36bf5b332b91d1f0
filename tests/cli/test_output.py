"""What commands print of names that somebody else chose."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import unicodedata

import pytest

from crispd.cli import output
from crispd.cli.logs import JournalFormatter, LineFormatter
from crispd.types import printable

FORGED = "2026-01-01T00:00:00 INFO crispd: all is well"
NASTY = (
    f"a\x1b[2J\x07\r\n{FORGED}\t\x7f\x9b31m\u202egpj.exe\u2066\u200b\u200d\ufeff\u2028\u2029"
    "\u00ad\u061c\U000e0041\ud83d"
)
HIT = {"id": "x", "path": NASTY, "folder": NASTY, "score": 0.5, "relevance": None}


def is_harmless(text: str) -> bool:
    return all(unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in text)


@pytest.mark.parametrize(
    "show",
    [
        lambda: output.line(NASTY),
        lambda: output.error(NASTY),
        lambda: output.facts({"data_dir": NASTY}, json_wanted=False),
        lambda: output.problems(
            {"problems": [{"folder": NASTY, "path": NASTY, "reason": NASTY}], "total": 1},
            json_wanted=False,
        ),
        lambda: output.places(
            {"places": [{"name": NASTY, "region": None, "country": NASTY, "latitude": 1.5,
                         "longitude": 2.5, "count": 1}], "total": 2}, json_wanted=False,
        ),
        lambda: output.people(
            {"people": [{"name": NASTY, "count": 1}], "total": 2}, json_wanted=False
        ),
        lambda: output.duplicates(
            {"groups": [{"photos": [{"folder": NASTY, "path": NASTY, "exact": True}],
                         "wasted_bytes": 1}],
             "complete": True, "next": NASTY}, json_wanted=False,
        ),
        lambda: output.answer(
            {"results": [HIT], "notes": [NASTY], "considered": 1, "reranked": 0,
             "timings_ms": {"text": 1, "coarse": 1, "fine": 1, "total": 3}}, json_wanted=False,
        ),
    ],
)  # fmt: skip
def test_no_name_drives_a_terminal(show: object, capsys: pytest.CaptureFixture[str]) -> None:
    show()  # type: ignore[operator]
    said = "".join(capsys.readouterr())
    assert said
    for line in said.split("\n"):
        assert is_harmless(line), ascii(line)
        assert not line.startswith(FORGED)


def test_json_stays_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"path": NASTY, "more": ["ü", "犬"]}
    output.as_json(value)
    said = capsys.readouterr().out
    assert json.loads(said) == value
    assert all(is_harmless(line) for line in said.split("\n"))
    assert "犬" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("IMG 1ü 犬.jpg", "IMG 1ü 犬.jpg"),
        ("a\nb", "a\\nb"),
        ("\x1b[2J", "\\x1b[2J"),
        ("photo\u202egpj.exe", "photo\\u202egpj.exe"),
        ("a\u00a0b", "a\u00a0b"),
        ("\U000e0041", "\\U000e0041"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_hidden_characters_are_written(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("kind", [LineFormatter, JournalFormatter])
def test_no_name_writes_a_line_of_the_log(kind: type[logging.Formatter]) -> None:
    record = logging.LogRecord("crispd", 20, "", 1, "%s cannot be read", (NASTY,), None)
    said = kind().format(record)
    assert "\n" not in said
    assert is_harmless(said)


def test_what_is_silent_stays_so_whatever_other_threads_do() -> None:
    """FastAPI silences its own by ``catch_warnings``, which forgets what was ignored meanwhile."""
    code = """
import sys, warnings
from crispd.cli.logs import set_up
set_up("info")
with warnings.catch_warnings():  # as another thread is in it now
    from crispd.watch.events import observer_source
    from crispd.images.formats import register_decoders
    register_decoders()
    warnings.filterwarnings("ignore", module="watchdog")
for module in ("PIL.TiffImagePlugin", "watchdog.observers", "else"):
    warnings.warn_explicit(f"from {module}", UserWarning, "a.py", 1, module=module)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    shown = [line for line in done.stderr.splitlines() if "a.py:1: UserWarning" in line]
    assert len(shown) == 1
    assert "from else" in shown[0]
