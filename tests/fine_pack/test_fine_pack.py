"""A second pack re-ranks shortlists of a service in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crispd.types import EncodedPhoto
from tests.fine_pack.conftest import until
from tests.pack_switch.conftest import COLOURS

WORDS = "a dog"
SEEN = EncodedPhoto(np.ones(1, np.float32), None)


def heavy_order(packs: Path, paths: list[str]) -> list[str]:
    """As the heavy pack alone would have them."""
    from crispd.packs.pack import load_pack

    pack = load_pack(packs / "heavy", index_threads=1, search_threads=1)
    colours = [
        np.random.default_rng(int(path[:3])).integers(0, 256, 3, dtype=np.uint8) for path in paths
    ]
    pixels = np.stack([np.broadcast_to(one[::-1], (16, 16, 3)) for one in colours])
    made = pack.image_encoder.encode(np.ascontiguousarray(pixels))
    vector = pack.text_encoder.encode(WORDS).embedding
    scores = [float(one.embedding @ vector) for one in made]
    return [path for _, path in sorted(zip(scores, paths, strict=True), reverse=True)]


def test_it_sees_what_came_up_and_re_ranks(begin: Callable, packs: Path) -> None:
    light = begin("")
    before = light.order(WORDS)
    assert light.service.status().fine_pack is None
    light.service.stop()
    both = begin(str(packs / "heavy"))
    until(both, lambda status: status.fine_pack == "heavy@7")
    assert both.service.status().fine_vectors == 0
    page = both.ask(WORDS, 200)
    assert "fine_pack" in page.timings_ms
    # those of the shortlist and no others
    status = until(both, lambda status: status.fine_pending == 0 and status.fine_vectors > 0)
    assert status.fine_vectors == 50
    after = both.order(WORDS)
    assert after[50:] == before[50:]
    assert set(after[:50]) == set(before[:50])
    assert after[:50] == heavy_order(packs, before[:50])
    assert both.order(WORDS) == after  # nothing new, so nothing else


def test_a_search_waits_for_the_first_that_can_be_seen_in_time(
    begin: Callable, packs: Path
) -> None:
    both = begin(str(packs / "heavy"), fine_deadline_ms=20_000.0)
    until(both, lambda status: status.fine_pack is not None)
    both.service.pause(paused=True)  # so nothing is seen that no search waits for
    before = both.order(WORDS)
    both.service._parts.fine.requests.settle("", SEEN, 0.05)  # what a photo takes is known
    after = both.order(WORDS)
    assert both.service.status().fine_vectors == 50
    assert after[:50] == heavy_order(packs, before[:50])


def test_photos_that_are_away_are_seen_when_they_are_back(
    begin: Callable, packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crispd.fine_pack.filling._RETRY_SECONDS", 0.2)
    both = begin(str(packs / "heavy"))
    until(both, lambda status: status.fine_pack is not None)
    both.service.pause(paused=True)
    (tmp_path / "photos").rename(tmp_path / "away")
    before = both.order(WORDS)
    assert len(before) == COLOURS
    both.service.pause(paused=False)
    until(both, lambda status: status.fine_pending == 50)
    assert both.order(WORDS) == before
    (tmp_path / "away").rename(tmp_path / "photos")
    until(both, lambda status: status.fine_pending == 0 and status.fine_vectors == 50)


def test_one_that_understands_other_words_is_found_out(begin: Callable, packs: Path) -> None:
    light = begin("")
    before = light.order(WORDS)
    light.service.stop()
    both = begin(str(packs / "liar"))
    until(both, lambda status: status.fine_pack is not None)
    both.order(WORDS)
    status = until(both, lambda status: status.fine_pack_problem is not None)
    assert "does not understand words" in str(status.fine_pack_problem)
    assert (status.fine_pack, status.fine_pending) == (None, None)
    assert both.order(WORDS) == before
    both.service.stop()
    missing = begin(str(packs / "nowhere"))
    status = until(missing, lambda status: status.fine_pack_problem is not None)
    assert "There is no model pack" in str(status.fine_pack_problem)
    assert missing.order(WORDS) == before
