"""``scripts/house_figures.py`` counts what it says it counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from house_figures import figures, report  # noqa: E402

from tests.programs import needs  # noqa: E402

SOURCES = {
    "crispd/__init__.py": "",
    "crispd/errors.py": "class Conflict(Exception):\n    pass\n",
    "crispd/search/__init__.py": "",
    "crispd/search/tongue.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    from crispd.search.engine import run\n"
        "class Conflict:\n"
        "    def one(self):\n"
        "        return 1\n"
    ),
    "crispd/search/engine.py": (
        "def run():\n    from crispd.search import tongue\n    return tongue\nx = 1\n" + "\n" * 300
    ),
    "crispd/store/engine.py": "import crispd.errors\nclass KeptRows: ...\n",
    **{f"crispd/watch/file{number}.py": "" for number in range(16)},
}


def test_a_tree_is_counted() -> None:
    found = figures(SOURCES)
    assert found.lines == 2 + 6 + 304 + 2
    assert found.files == 22
    assert found.rooms["search"] == (310, 3)
    assert found.function_lines == (2, 3)
    assert found.long_files == ("crispd/search/engine.py (304)",)
    assert found.full_folders == ("crispd/watch (16)",)
    assert found.cycles == (("crispd.search.engine", "crispd.search.tongue"),)
    assert found.repeated_classes == ("Conflict (2)",)
    assert found.repeated_files == ("engine.py (2)",)
    assert found.dialect == ("KeptRows", "crispd/search/tongue.py")


def test_two_trees_stand_side_by_side() -> None:
    text = report({"old": figures(SOURCES), "new": figures({"crispd/errors.py": "x = 1\n"})})
    assert "| files | 22 | 1 |" in text
    assert "| `search` | 310 / 3 |  |" in text
    assert "crispd.search.engine ↔ crispd.search.tongue" in text


@needs("git")
def test_a_revision_is_read_from_git(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    somebody = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost"]
    for words in (["init", "-q"], ["add", "."], [*somebody, "commit", "-qm", "All of it"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "crispd" / "errors.py").write_text("what is not committed does not count")
    command = [sys.executable, str(ROOT / "scripts" / "house_figures.py"), "--rev", "HEAD"]
    output = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "| lines | 314 |" in output
    assert "| `errors.py` | 2 / 1 |" in output
