"""A folder that is dropped and named again: ``python -m benchmarks.indexing.dropped_folder``.

60,000 photos: a real SQLite file, metadata index and matrix over random vectors. Half of them lie
in a folder that is watched, dropped, and watched again.
Prints what bringing the index up to date takes a start each time, and whole answers without their
text. ``--keep`` is a library of ``filter_speed``, or becomes one; it is copied.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.common.report import keep, percentiles, say, table
from benchmarks.searching.filter_speed import Bench
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.store.database import Database
from crispd.types import Filters, Root
from crispd.vectors.synchronise import synchronise


def halves(database: Database, size: int, share: float) -> tuple[Root, Root]:
    """The root of all photos, and one that the first of them are given to."""
    with database.write() as tx:
        all_of_them, other = tx.ensure_root("/synthetic"), tx.ensure_root("/dropped")
        tx.connection.exec_driver_sql(
            "UPDATE photos SET root_id = ? WHERE id <= ?", (other.id, int(size * share))
        )
    return all_of_them, other


def measure(bench: Bench, pack: Pack, share: float, repeats: int) -> list[dict[str, object]]:
    """The same questions with all folders, with one dropped, and with all again."""
    kept, other = halves(bench.database, bench.size, share)
    reader = bench.database.read().for_pack(pack.id)
    found: list[dict[str, object]] = []
    for name, roots in (("all", [kept, other]), ("dropped", [kept]), ("again", [kept, other])):
        with bench.database.write() as tx:
            tx.watch(roots)
        started = time.perf_counter()
        synchronise(bench.index, reader, pack.id)
        seconds = time.perf_counter() - started
        # as a start has it: what was read before the roots were decided is out of date
        bench.engine.metadata_index = MetadataIndex(reader.listings(pack.id))
        bench.ours(Filters(), 20)
        answers = bench.ours(Filters(), repeats)
        filtered = bench.ours(Filters.of(type=("heic",)), repeats)
        found.append(
            {
                "folders": name, "photos": len(bench.index), "index_s": round(seconds, 2),
                "words": percentiles(answers), "heic": percentiles(filtered),
            }
        )  # fmt: skip
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--share", type=float, default=0.5, help="of the photos that are dropped")
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="a folder for the library, to be used again")
    given = parser.parse_args()
    pack = load_pack(find_pack("mini"), index_threads=2, search_threads=2)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "library"
        if given.keep is not None and (given.keep / "index" / "index.json").exists():
            shutil.copytree(given.keep, folder)
        else:
            folder.mkdir()
        bench = Bench(folder, pack, given.size)
        if given.keep is not None and not given.keep.exists():
            shutil.copytree(folder, given.keep)
        say("asking")
        found = measure(bench, pack, given.share, given.repeats)
        bench.database.close()
    keep("dropped_folder", {"size": given.size, "share": given.share, "found": found})
    table(list(found[0]), [list(each.values()) for each in found])


if __name__ == "__main__":
    main()
