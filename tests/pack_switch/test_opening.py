"""Which pack answers from a start on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crispd.errors import PackMissing
from crispd.pack_switch.opening import choose_at_start, directly
from crispd.pack_switch.places import PackPlaces
from crispd.packs import locate
from crispd.store.pack_vectors import PackChoice, PackReference
from tests.pack_switch.conftest import write

NONE = PackChoice()


@pytest.fixture
def places(tmp_path: Path, packs: Path, monkeypatch: pytest.MonkeyPatch) -> PackPlaces:
    """``mini`` ships; ``two`` is installed."""
    shipped = tmp_path / "shipped"
    shutil.copytree(packs / "one", shipped / "mini")
    shutil.copytree(packs / "two", tmp_path / "data" / "packs" / "two")
    monkeypatch.setattr(locate, "_PLACES", (shipped,))
    return PackPlaces(tmp_path / "data" / "packs")


ONE, TWO = PackReference("small@1", "mini"), PackReference("small@2", "two")


def test_a_new_database_takes_what_the_settings_say(places: PackPlaces) -> None:
    assert choose_at_start(NONE, "mini", places, {}) == PackChoice(ONE, setting="mini")
    with pytest.raises(PackMissing, match="no model pack 'none'"):
        choose_at_start(NONE, "none", places, {})


def test_a_database_from_before_choices_goes_on(places: PackPlaces) -> None:
    vectors = {"small@1": 5, "small@0": 2}
    assert choose_at_start(NONE, "mini", places, vectors) == PackChoice(ONE, setting="mini")
    found = choose_at_start(NONE, "mini", places, {"small@2": 9})
    assert (found.active and found.active.id, found.target) == ("small@2", ONE)
    found = choose_at_start(NONE, "mini", places, {"small@7": 9})  # nobody has its files
    assert (found.active, found.target) == (ONE, None)


def test_another_setting_is_a_wish(places: PackPlaces) -> None:
    before = PackChoice(ONE, setting="mini")
    assert choose_at_start(before, "mini", places, {}) == before
    wish = choose_at_start(before, "two", places, {})
    assert (wish.active, wish.target, wish.setting) == (ONE, TWO, "two")
    assert choose_at_start(wish, "two", places, {}) == wish
    assert directly(wish) == PackChoice(TWO, previous=ONE, setting="two")
    # what somebody chose by the command stays, as long as the settings do
    chosen = PackChoice(TWO, previous=ONE, setting="mini")
    assert choose_at_start(chosen, "mini", places, {}) == chosen


def test_an_upgrade_of_crispd_is_a_wish_too(places: PackPlaces, tmp_path: Path) -> None:
    before = PackChoice(ONE, setting="mini")
    places.keep(ONE)
    shutil.rmtree(tmp_path / "shipped" / "mini")
    write(tmp_path / "shipped" / "mini", "6", image=True, text=True)
    found = choose_at_start(before, "mini", places, {})
    assert (found.active, found.target) == (ONE, PackReference("small@6", "mini"))
    assert places.files_of(ONE).parent.name == ".kept"
    places.forget_others(found.target)
    again = choose_at_start(before, "mini", places, {})  # no copy was kept: as before crispd 0.9
    assert (again.active, again.target) == (PackReference("small@6", "mini"), None)


def test_files_that_are_gone(places: PackPlaces) -> None:
    chosen = PackChoice(TWO, previous=ONE, setting="mini")
    shutil.rmtree(places.folder / "two")
    assert choose_at_start(chosen, "mini", places, {}).active == ONE
