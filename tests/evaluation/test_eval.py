"""``crispd eval`` over the sample album, with the pack that ships."""

from __future__ import annotations

import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.packs import small
from tests.processes import client

ALBUM = Path(__file__).parent.parent.parent / "crispd" / "sample_album"
CAPTIONS = {
    "cat_chelsea.jpg": ["a cat", "the face of a cat"],
    "coffee_cup.jpg": ["a cup of coffee"],
    "rocket.jpg": ["a rocket"],
    "photographer.jpg": ["a man with a camera on a tripod"],
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "album"
    folder.mkdir()
    rows = [
        {"image": path.name, "split": "test" if path.name in CAPTIONS else "rest",
         "captions": CAPTIONS.get(path.name, ["something"])}
        for path in sorted(ALBUM.glob("*.jpg"))
    ]  # fmt: skip
    (folder / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "images").symlink_to(ALBUM)
    return folder


def crispd(*arguments: str, cwd: Path, plots: bool = False) -> subprocess.CompletedProcess[str]:
    """``plots``: with matplotlib, which takes longer than all the rest."""
    program = "crispd" if plots else "tests.evaluation.without_matplotlib"
    environment = {**os.environ, "CRISPD_DATA_DIR": str(cwd / "data")}
    return client.run(program, *arguments, environment=environment, timeout=120)


def test_the_table_is_printed_and_kept(dataset: Path, tmp_path: Path) -> None:
    library = str(len(list(ALBUM.glob("*.jpg"))))
    done = crispd("eval", str(dataset), "--library", library, "--json", cwd=tmp_path, plots=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    rows = {row["name"]: row for row in found["rows"]}
    assert found["photos"] == int(library)
    assert set(rows) >= {"coarse only", "fine over everything", "cascade, K = 10"}
    for row in rows.values():
        for rank in "1", "5", "10":
            recall = row["recall"][rank]
            assert 0 <= recall["low"] <= recall["value"] <= recall["high"] <= 100
        if row["name"].startswith(("coarse", "cascade", "fine over")):
            assert 0 < row["latency"]["ranking_p50"] <= row["latency"]["p50"]
    # a list as long as the library is the full scan
    whole = rows[f"cascade, K = {max(row['short_list'] or 0 for row in found['rows'])}"]
    assert whole["short_list"] <= int(library)
    assert rows["coarse only"]["recall"]["10"]["value"] >= 60  # these are easy
    table, plot = (next(f for f in found["files"] if f.endswith(end)) for end in (".md", ".svg"))
    assert "| cascade, K = 10 |" in Path(table).read_text()
    drawn = texts_of(plot)
    assert "milliseconds a query (median, text included)" in drawn
    for row in found["rows"]:
        name = f"K = {row['short_list']}" if row["short_list"] else row["name"]
        assert (name in drawn) == (row["latency"] is not None)


def texts_of(plot: str | Path) -> set[str]:
    """Words of an SVG."""
    root = ET.parse(plot).getroot()
    return {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}


def test_without_matplotlib_there_are_tables(dataset: Path, tmp_path: Path) -> None:
    """The plot is an extra; the command says so, and nothing else is missing."""
    small.write_pack(tmp_path / "pack")
    for asked in (dataset, dataset.parent):
        words = ("--queries", "2", "--pack", str(tmp_path / "pack"), "--out", str(tmp_path / "out"))
        done = crispd("eval", str(asked), *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "pip install 'crispd[eval]'" in done.stdout
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".md", ".json"}


def test_what_is_wrong_is_said_in_a_line(dataset: Path, tmp_path: Path) -> None:
    for arguments, says in (
        ([str(tmp_path / "none")], "is missing"),
        ([str(dataset), "--split", "dev"], "it has: rest, test"),
    ):
        done = crispd("eval", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_pack_without_a_fine_stage(dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    table = small.write_pack(folder)
    del table["fine"], table["tokens"]
    small.image_graph(folder / "image.onnx", tokens=False)
    small.text_graph(folder / "text.onnx", tokens=False)
    small.seal(folder, table)
    done = crispd("eval", str(dataset), "--pack", str(folder), "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["name"] for row in found["rows"]] == ["coarse only"]
    assert found["rows"][0]["latency"]["p50"] > 0
    assert found["shortest"] is None
