"""Two lanes, bounded, without doubles."""

from __future__ import annotations

import threading

from crispd.ingest.stages.jobs import Job
from crispd.ingest.stages.work_queue import WorkQueue
from crispd.types import Root

ROOT = Root(1, "/photos")


def job(name: str) -> Job:
    return Job(ROOT, name)


def test_urgent_jobs_overtake_the_backlog() -> None:
    jobs = WorkQueue()
    assert jobs.put_backlog(job("old"), 0)
    assert jobs.put_urgent(job("new"))
    assert jobs.take(0) == job("new")
    assert jobs.take(0) == job("old")
    assert jobs.take(0) is None


def test_a_waiting_job_is_not_added_twice() -> None:
    jobs = WorkQueue()
    assert jobs.put_backlog(job("a"), 0)
    assert jobs.put_backlog(job("a"), 0)
    assert jobs.put_urgent(job("a"))
    assert len(jobs) == 1


def test_each_lane_is_bounded_by_itself() -> None:
    jobs = WorkQueue(capacity=2)
    assert jobs.put_backlog(job("1"), 0)
    assert jobs.put_backlog(job("2"), 0)
    assert not jobs.put_backlog(job("3"), 0.01)
    assert jobs.put_urgent(job("4"))
    assert jobs.put_urgent(job("5"))
    assert not jobs.put_urgent(job("6"))


def test_a_producer_waits_for_room() -> None:
    jobs = WorkQueue(capacity=1)
    assert jobs.put_backlog(job("1"), 0)
    done = threading.Event()

    def produce() -> None:
        assert jobs.put_backlog(job("2"), 5)
        done.set()

    producer = threading.Thread(target=produce)
    producer.start()
    assert jobs.take(1) == job("1")
    assert done.wait(5)
    producer.join()
    assert jobs.take(1) == job("2")
