"""Which of the packs that ship is chosen by the speed of the machine."""

from __future__ import annotations

import json
import logging
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from crispd.packs import automatic, locate
from crispd.packs.automatic import AutomaticChoice, choose_automatically, named_pack, why_chosen

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """Encodes so many photos a second by each pack. ``seen``: packs that were measured."""

    def __init__(self, **rates: float) -> None:
        self.rates, self.seen = rates, list[str]()

    def load(self, folder: Path, _manifest: Any) -> Any:
        self.seen.append(folder.name)
        return self.rates[folder.name]


@pytest.fixture
def data(small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of installed packs, none yet; ``mini`` and ``tiny`` ship."""
    for name in ("mini", "tiny"):
        shutil.copytree(small_folder, tmp_path / "shipped" / name)
    monkeypatch.setattr(locate, "_PLACES", (tmp_path / "shipped",))
    monkeypatch.setattr(automatic, "photos_a_second", lambda rate, *_: rate)
    return tmp_path / "packs"


@pytest.mark.parametrize(
    ("mini", "tiny", "chosen"),
    [(60, 90, "mini"), (5.1, 20, "mini"), (2.2, 4.9, "tiny"), (4, 4.5, "mini"), (0.3, 0.7, "tiny")],
)
def test_a_slow_machine_takes_the_small_pack(
    data: Path, mini: float, tiny: float, chosen: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        found = choose_automatically(data, "", Machine(mini=mini, tiny=tiny).load, writing=True)
    assert found.pack == chosen
    assert (
        f"{chosen} suits this machine. Photos encoded a second: {mini:.1f} with mini" in caplog.text
    )


def test_it_is_chosen_once(data: Path) -> None:
    slow, fast = Machine(mini=1, tiny=3), Machine(mini=60, tiny=90)
    first = choose_automatically(data, "", slow.load, writing=True)
    assert (first.pack, slow.seen) == ("tiny", ["mini", "tiny"])
    for before in ("", "mini"):
        assert choose_automatically(data, before, fast.load, writing=True) == first
    assert fast.seen == []
    assert named_pack("auto", data) == "tiny"
    assert named_pack("/srv/own", data) == "/srv/own"
    assert why_chosen("auto", data, "tiny") == first.why
    # another one was taken by a command, or named by the settings
    assert why_chosen("auto", data, "mini") is why_chosen("tiny", data, "tiny") is None


def test_what_was_in_use_stays(data: Path) -> None:
    slow = Machine(mini=1, tiny=3)
    assert choose_automatically(data, "mini", slow.load, writing=True).pack == "mini"
    assert choose_automatically(data, "", slow.load, writing=True).why.startswith("mini was in use")
    assert slow.seen == []


def test_who_may_not_write_measures_nothing(data: Path) -> None:
    slow = Machine(mini=1, tiny=3)
    assert choose_automatically(data, "", slow.load, writing=False) == AutomaticChoice("mini")
    assert not data.exists()
    assert slow.seen == []
    assert named_pack("auto", data) == "mini"


@pytest.mark.parametrize(
    "text", ["", "{}", '{"pack": 3}', '{"pack": "tiny", "photos_per_second": 1']
)
def test_a_damaged_file_is_written_anew(data: Path, text: str) -> None:
    data.mkdir()
    (data / ".auto.json").write_text(text)
    assert named_pack("auto", data) == "mini"
    assert choose_automatically(data, "", Machine(mini=1, tiny=3).load, writing=True).pack == "tiny"
    assert json.loads((data / ".auto.json").read_text())["pack"] == "tiny"


def test_a_pack_that_is_not_here_is_not_chosen(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "shipped" / "tiny" / "pack.toml").unlink()
    found = choose_automatically(data, "", Machine(mini=1).load, writing=True)
    assert found == AutomaticChoice("mini")
    assert "There is no model pack 'tiny'" in caplog.text


def test_a_folder_that_cannot_be_written_to(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    data.write_text("no folder")
    assert choose_automatically(data, "", Machine(mini=1, tiny=3).load, writing=True).pack == "tiny"
    assert "is not kept" in caplog.text
