"""Nobody waits for a thread that has nothing to do."""

from __future__ import annotations

import logging
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crispd import config
from crispd.ingest.scan import scanner
from crispd.ingest.stages import decode_stage, encode_stage, intake, write_stage
from crispd.ingest.stages.wakeable_queue import WakeableQueue
from crispd.ingest.stages.work_queue import WorkQueue
from crispd.ingest.stages.worker_thread import alike, stop_workers
from crispd.service import Service
from tests.packs import small

STAGES = (scanner, decode_stage, encode_stage, intake, write_stage)


def test_items_that_are_put_together_come_together_however_little_room_there_is() -> None:
    items: WakeableQueue[int] = WakeableQueue(2)
    thread = threading.Thread(target=items.put_all, args=([1, 2, 3, 4, 5],))
    thread.start()
    assert [items.get(timeout=10) for _ in range(5)] == [1, 2, 3, 4, 5]
    thread.join()
    items.put_all([6, 7])
    assert (items.get_nowait(), items.get_nowait()) == (6, 7)


def test_threads_that_wait_for_the_same_are_asked_together() -> None:
    """One that was woken and not asked turned in circles until its turn came."""
    jobs, turns, slow = WorkQueue(), [0], threading.Event()

    def body(stop: threading.Event) -> None:
        while not stop.is_set():
            jobs.take(10)
            turns[0] += 1
        slow.wait(0.1)  # it has something to end

    workers = list(alike("decode", 4, body, jobs.wake, yields=False))
    for worker in workers:
        worker.start()
    stop_workers(workers, 5)
    assert not any(worker.dead or not worker.join(0) for worker in workers)
    assert turns[0] < 100


def test_a_reader_that_waits_is_woken() -> None:
    items: WakeableQueue[int] = WakeableQueue(2)
    jobs = WorkQueue()
    with ThreadPoolExecutor() as threads:
        waits, works = threads.submit(items.get, True, 60), threads.submit(jobs.take, 60)
        items.wake()
        jobs.wake()
        with pytest.raises(queue.Empty):
            waits.result(10)
        assert works.result(10) is None
    items.put(1)  # what is there is still read
    assert (items.get(), items.qsize()) == (1, 0)


def test_a_service_that_is_idle_stops_without_waiting_for_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for stage in STAGES:
        monkeypatch.setattr(stage, "_TICK_SECONDS", 60.0)
    small.write_pack(tmp_path / "pack")
    (tmp_path / "photos").mkdir()
    service = Service(
        config.load(
            data_dir=tmp_path / "data", folders=[str(tmp_path / "photos")],
            pack=str(tmp_path / "pack"),
        )
    )  # fmt: skip
    service.start()
    with caplog.at_level(logging.WARNING):
        service.stop()
    assert not [record for record in caplog.records if "in time" in record.getMessage()]
