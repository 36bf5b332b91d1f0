"""A walk against what is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crispd.ingest.scan.reconcile import reconcile
from crispd.types import FileStamp, FoundFile, KnownFile, PhotoState

names = st.sampled_from(["a.jpg", "b.jpg", "x/a.jpg", "x/y/a.jpg", "xx/a.jpg"])
stamps = st.integers(0, 2).map(lambda n: FileStamp(n, n))


def known(files: dict[str, FileStamp]) -> dict[str, KnownFile]:
    return {path: KnownFile(stamp, PhotoState.READY) for path, stamp in files.items()}


def found(files: dict[str, FileStamp]) -> list[FoundFile]:
    return [FoundFile(path, stamp) for path, stamp in files.items()]


@given(st.dictionaries(names, stamps), st.dictionaries(names, stamps))
def test_a_full_walk_accounts_for_every_path(
    before: dict[str, FileStamp], now: dict[str, FileStamp]
) -> None:
    plan = reconcile(known(before), found(now), {})
    olds, news = {old for old, _ in plan.moved}, {new for _, new in plan.moved}
    assert len(olds) == len(news) == len(plan.moved)
    assert set(plan.missing) | olds == set(before) - set(now)
    fresh = {file.path for file in plan.fresh}
    assert fresh | news == {path for path in now if before.get(path) != now[path]}
    assert not fresh & news
    assert not set(plan.missing) & olds
    for old, new in plan.moved:
        assert (old.split("/")[-1], before[old]) == (new.split("/")[-1], now[new])
    assert plan.unchanged == sum(before.get(path) == stamp for path, stamp in now.items())


def test_what_lies_in_a_folder_that_could_not_be_listed_is_not_missing() -> None:
    rows = known({"x/a.jpg": FileStamp(1, 1), "xx/a.jpg": FileStamp(1, 1)})
    assert reconcile(rows, [], {"x": "Permission denied"}).missing == ["xx/a.jpg"]


def test_an_unlistable_root_loses_nothing() -> None:
    rows = known({"x/a.jpg": FileStamp(1, 1)})
    assert reconcile(rows, [], {"": "Input/output error"}).missing == []


def test_a_walk_of_a_folder_says_nothing_of_the_rest() -> None:
    rows = known({"x/a.jpg": FileStamp(1, 1), "b.jpg": FileStamp(1, 1)})
    assert reconcile(rows, [], {}, "x").missing == ["x/a.jpg"]


def test_what_was_moved_is_told_by_name_size_and_time() -> None:
    rows = known({"x/a.jpg": FileStamp(1, 1), "x/b.jpg": FileStamp(2, 2), "c.jpg": FileStamp(3, 3)})
    now = {"y/a.jpg": FileStamp(1, 1), "y/b.jpg": FileStamp(2, 9), "d.jpg": FileStamp(3, 3)}
    plan = reconcile(rows, found(now), {})
    assert plan.moved == (("x/a.jpg", "y/a.jpg"),)
    assert plan.missing == ["x/b.jpg", "c.jpg"]
    assert [file.path for file in plan.fresh] == ["y/b.jpg", "d.jpg"]


def test_one_of_several_that_look_alike_is_read() -> None:
    rows = known({"x/a.jpg": FileStamp(1, 1), "y/a.jpg": FileStamp(1, 1)})
    assert reconcile(rows, found({"z/a.jpg": FileStamp(1, 1)}), {}).moved == ()
    rows = known({"x/a.jpg": FileStamp(1, 1)})
    now = {"y/a.jpg": FileStamp(1, 1), "z/a.jpg": FileStamp(1, 1)}
    assert reconcile(rows, found(now), {}).moved == ()
