"""The thread that writes: when it saves the index."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crispd.ingest.counters import IngestCounters
from crispd.ingest.stages.content_claims import ContentClaims
from crispd.ingest.stages.jobs import RemovedChange
from crispd.ingest.stages.write_stage import Writer
from crispd.store.database import Database
from crispd.types import Root
from crispd.vectors.index import VectorIndex

_LONG = 60.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "crispd.sqlite3")
    yield opened
    opened.close()


@contextmanager
def running(database: Database, saved: threading.Event, *, unsaved: bool) -> Iterator[Writer]:
    writer = Writer(
        database,
        VectorIndex(4),
        "p@1",
        claims=ContentClaims(),
        tally=IngestCounters(),
        look_again=lambda *_: None,
        request_scan=lambda *_: None,
        ignored=lambda *_: False,
        checkpoint=saved.set,
        checkpoint_seconds=3600,
        unsaved=unsaved,
    )
    stop = threading.Event()
    thread = threading.Thread(target=writer.run, args=(stop,))
    thread.start()
    try:
        yield writer
    finally:
        stop.set()
        thread.join(_LONG)


def test_an_index_that_was_made_anew_is_saved_at_once(database: Database) -> None:
    """At a stop there are seconds for it, and a million vectors take longer."""
    saved = threading.Event()
    with running(database, saved, unsaved=True):
        assert saved.wait(_LONG)


def test_one_that_is_as_its_file_has_it_is_not_saved(database: Database) -> None:
    saved = threading.Event()
    with running(database, saved, unsaved=False):
        pass
    assert not saved.is_set()


def test_it_is_idle_once_everything_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is being written is in no line any more, and in no answer yet."""
    writing, go_on, write = threading.Event(), threading.Event(), database.write

    @contextmanager
    def slow() -> Iterator[object]:
        writing.set()
        assert go_on.wait(_LONG)
        with write() as tx:
            yield tx

    monkeypatch.setattr(database, "write", slow)
    with running(database, threading.Event(), unsaved=False) as writer:
        assert writer.idle
        writer.commit(RemovedChange(Root(1, "/photos"), ("gone.jpg",)))
        assert writing.wait(_LONG)
        idle = writer.idle
        go_on.set()
    assert not idle
    assert writer.idle
