"""A file is passed on once it stands still."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crispd.ingest.stages.debounce import Debouncer
from crispd.ingest.stages.jobs import Job
from crispd.types import FileStamp, Root

JOB = Job(Root(1, "/photos"), "a.jpg")


class Disk:
    """A stamp that the test sets."""

    def __init__(self) -> None:
        self.size = 0

    def __call__(self, job: Job) -> FileStamp:
        return FileStamp(self.size, 0)


def test_a_file_that_stands_still_is_due_after_the_settle_time() -> None:
    debouncer = Debouncer(0.5, Disk())
    assert debouncer.note(JOB, now=10.0)
    assert debouncer.due(10.4) == []
    assert debouncer.due(10.5) == [JOB]
    assert len(debouncer) == 0


def test_a_growing_file_waits_although_no_event_comes() -> None:
    disk = Disk()
    debouncer = Debouncer(0.5, disk)
    debouncer.note(JOB, now=0.0)
    for tick in range(1, 20):
        disk.size += 1
        assert debouncer.due(tick * 0.5) == []
    assert debouncer.due(19 * 0.5 + 0.4) == []
    assert debouncer.due(19 * 0.5 + 0.5) == [JOB]


def test_an_event_starts_the_settle_time_again() -> None:
    debouncer = Debouncer(0.5, Disk())
    debouncer.note(JOB, now=0.0)
    assert not debouncer.note(JOB, now=0.4)
    assert debouncer.due(0.6) == []
    assert debouncer.due(0.9) == [JOB]


def test_a_delay_is_kept() -> None:
    debouncer = Debouncer(0.5, Disk())
    debouncer.note(JOB, now=0.0, delay=2.0)
    assert debouncer.due(1.9) == []
    assert debouncer.due(2.0) == [JOB]


def test_a_forgotten_job_never_comes() -> None:
    debouncer = Debouncer(0.5, Disk())
    debouncer.note(JOB, now=0.0)
    assert debouncer.forget(JOB)
    assert not debouncer.forget(JOB)
    assert debouncer.due(9.0) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=40))
def test_nothing_is_passed_on_within_the_settle_time_of_its_last_change(
    steps: list[tuple[float, bool, bool]],
) -> None:
    disk, now, last_seen = Disk(), 0.0, 0.0
    debouncer = Debouncer(0.5, disk)
    debouncer.note(JOB, now)
    for wait, grows, event in steps:
        now += wait
        if grows:
            disk.size += 1
        if event:
            debouncer.note(JOB, now)
            last_seen = now
        size_before = disk.size
        due = debouncer.due(now)
        assert not due or now - last_seen >= 0.5
        assert size_before == disk.size
        if due:
            debouncer.note(JOB, now)
            last_seen = now
