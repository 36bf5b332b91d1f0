"""Whether photos are found by the text in them.

``python -m benchmarks.finding.text_search --data DATA``.

A service over made pages, 108 receipts and photos of Flickr8k reads them and is asked as
people ask: three words of a page that no other page has together, the shop and the total of each
receipt of ``receipts.tsv``, and common words of captions over the photos without text. Then, in one
run: what indexing and searching take with the stage and without. ``--work FOLDER`` keeps the photos
and what was read: a run that was ended goes on there, and one over all of it only asks. ``--pages``
and ``--plain`` make it smaller. Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.finding.receipts import copy_receipts, first, report
from benchmarks.finding.text_reading import _LANGUAGES, made, wilson
from crispd.store.words.tokens import words_of
from tests.e2e.server import Server

# Narrower than phones take them, so that all of it is read in an hour of a slow processor.
_WIDTHS = (640, 800, 1000)
_ROOM = {"memory_limit_mb": "1500", "thumbnails_ahead": "false", "cpu_share": "1"}
_COMMON = 200
_READING_SECONDS = 6 * 3600


def build(data: Path, photos: Path, pages: int, plain: int) -> None:
    """Pages, receipts and photos without text, and the words of each page."""
    rows = (data / "sentences" / "parallel.jsonl").read_text().splitlines()
    parallel = [json.loads(row) for row in rows[:4000]]
    sentences = {name: [row[name] for row in parallel] for name in _LANGUAGES}
    told = {}
    for folder in ("pages", "plain"):
        (photos / folder).mkdir(parents=True)
    for number, (kind, language, jpeg, words) in enumerate(made(sentences, pages, _WIDTHS)):
        (photos / "pages" / f"{number:04}.jpg").write_bytes(jpeg)
        told[f"pages/{number:04}.jpg"] = [kind, language, sorted(words)]
    copy_receipts(data, photos / "receipts")
    nature = sorted((data / "flickr8k" / "images").glob("*.jpg"))
    for path in random.Random(2).sample(nature, plain):
        shutil.copy(path, photos / "plain")
    (photos.parent / "pages.json").write_text(json.dumps(told))


def pages(server: Server, told: dict[str, Any]) -> None:
    """Recall at 1 of made pages, by kind, by language and in all."""
    rng, having = random.Random(3), defaultdict(set)
    for name, (_, _, words) in told.items():
        for word in words:
            having[word].add(name)
    right: dict[str, list[bool]] = defaultdict(list)
    missed = []
    for name, (kind, language, words) in told.items():
        long = sorted(word for word in words if len(word) > 3 and not word.isdigit())
        triples = list(combinations(rng.sample(long, min(len(long), 12)), 3))
        own = [each for each in triples if set.intersection(*map(having.get, each)) == {name}]
        if not own:
            continue
        asked = " ".join(rng.choice(own))
        found = first(server, q=asked) == name
        if not found:
            missed.append(f"{name} ({kind}): {asked}")
        for group in (kind, language, "all"):
            right[group].append(found)
    for group, each in right.items():
        print(f"made pages, {group}, found first: {wilson(sum(each), len(each))}")
    print("  missed:", "; ".join(missed) or "none", flush=True)


def false_hits(server: Server, data: Path, photos: Path) -> None:
    """Photos without text that are shown for their text above ones that show what is asked."""
    captions = {}
    for line in (data / "flickr8k" / "captions.jsonl").read_text().splitlines():
        row = json.loads(line)
        captions[Path(row["image"]).name] = set(words_of(" ".join(row["captions"])))
    here = {path.name for path in (photos / "plain").iterdir()}
    counts = Counter(word for name in here for word in captions[name] if len(word) > 3)
    common = [word for word, _ in counts.most_common(_COMMON)]
    shown, by_text, above = 0, 0, []
    for word in common:
        hits = server.get("/search", q=word, folder="plain", limit=100)["results"]
        names = [Path(hit["path"]).name for hit in hits]
        right = [word in captions[name] for name in names]
        shown += len(hits)
        for place, hit in enumerate(hits):
            if any(match["field"] == "text" for match in hit["matched"]) and not right[place]:
                by_text += 1
                if any(right[place + 1 :]):
                    above.append(f"{word}: {names[place]}")
    print(f"common words: {len(common)}, hits shown: {shown}, of them by text, wrongly: {by_text}")
    print(f"  above a photo whose captions have the word: {wilson(len(above), shown)} {above}")


def order(server: Server) -> None:
    """Which photos were read first: of the documents, how many among the first of so many."""
    with closing(sqlite3.connect(server.data / "crispd.sqlite3")) as connection:
        rows = connection.execute(
            "SELECT path FROM content_text JOIN photos USING (content_hash) "
            "ORDER BY content_text.rowid"
        ).fetchall()
        kept = connection.execute(
            "SELECT avg(length(lines)) FROM content_text WHERE length(lines) > 0"
        ).fetchone()[0]
    paths = [bytes(path).decode() for (path,) in rows]
    for count in (50, 70, 100, 408):
        share = sum(not path.startswith("plain/") for path in paths[:count])
        print(f"of the first {count} that were read, pages and receipts: {share}")
    print(f"bytes kept of a photo with text: {kept:.0f}")


def processor_seconds(server: Server) -> float:
    """Of all threads that it has now, to the nanosecond."""
    tasks = Path(f"/proc/{server.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def peak_mb(server: Server) -> int:
    """Of resident memory since its start."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def rates(photos: Path, count: int) -> None:
    """Indexing and memory with the stage and without, in turns; of photos that are indexed anew."""
    rate, memory = defaultdict(list), defaultdict(list)
    some = sorted((photos / "plain").iterdir())[:count] + sorted((photos / "pages").iterdir())[:8]
    for turn in range(4):
        wish = "on" if turn % 2 else "off"
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "photos"
            own.mkdir()
            for path in some:
                shutil.copy(path, own)
            server = Server(Path(folder) / "data", own, read_text=wish, **_ROOM)
            began = time.monotonic()
            server.settle(600)
            rate[wish].append(len(some) / (time.monotonic() - began))
            if wish == "on":
                server.until(lambda now: now["text_pending"] == 0, 1200)
            memory[wish].append(peak_mb(server))
            server.stop()
    ratio = statistics.mean(rate["on"]) / statistics.mean(rate["off"])
    print(f"indexing, photos a second, in turns: {dict(rate)}; with the stage: {ratio:.2f} times")
    print(f"peak memory, MB: {dict(memory)}; more: {max(memory['on']) - min(memory['off'])}")


def searches(server: Server, data: Path, photos: Path) -> None:
    """Searches of a library with text, and of the same one without, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "data"
        other.mkdir(mode=0o700)
        name = "crispd.sqlite3"
        with (
            closing(sqlite3.connect(server.data / name)) as source,
            closing(sqlite3.connect(other / name)) as target,
        ):
            source.backup(target)
        plain = Server(other, photos, read_text="off", **_ROOM)
        plain.settle(600)
        assert plain.http.post("/text/forget").json()["started"]
        lines = (data / "flickr8k" / "captions.jsonl").read_text().splitlines()
        asked = [json.loads(line)["captions"][0] for line in random.Random(5).sample(lines, 200)]
        took: dict[str, list[float]] = {"with": [], "without": []}
        worked: dict[str, list[float]] = {"with": [], "without": []}
        for number, text in enumerate(asked):
            turns = [("with", server), ("without", plain)]
            for which, each in turns if number % 2 else turns[::-1]:
                began, before = time.perf_counter(), processor_seconds(each)
                each.get("/search", q=text)
                worked[which].append((processor_seconds(each) - before) * 1e3)
                took[which].append((time.perf_counter() - began) * 1e3)
        plain.stop()
    for what, values in (("ms", took), ("ms of the processor", worked)):
        for percent in (50, 95):
            both = [statistics.quantiles(values[key], n=100)[percent - 1] for key in values]
            print(f"search p{percent}, {what}: {both[0]:.1f} with text, {both[1]:.1f} without; "
                  f"{both[0] / both[1]:.2f} times")  # fmt: skip


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--plain", type=int, default=1000)
    parser.add_argument("--indexed", type=int, default=120)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = given.work or Path(folder)
        photos = work / "photos"
        if not (work / "pages.json").exists():
            build(given.data, photos, given.pages, given.plain)
        told = json.loads((work / "pages.json").read_text())
        server = Server(work / "data", photos, read_text="on", **_ROOM)
        try:
            server.settle(3600)
            server.until(lambda now: now["text_pending"] == 0, _READING_SECONDS)
            order(server)
            pages(server, told)
            report(server)
            false_hits(server, given.data, photos)
            searches(server, given.data, photos)
        finally:
            server.stop()
        rates(photos, given.indexed)


if __name__ == "__main__":
    main()
