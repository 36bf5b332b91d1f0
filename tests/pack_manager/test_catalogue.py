"""The catalogue, and what is advised of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crispd.pack_manager.advice import Machine, advise
from crispd.pack_manager.catalogue import catalogue, known_pack
from crispd.types import PackEntry

ENTRIES = [pack.entry for pack in catalogue()]
PI, NAS, DESKTOP = Machine(9, 1900), Machine(60, 8000), Machine(300, 32_000)


def first(machine: Machine, photos: int, *languages: str) -> PackEntry:
    return advise(ENTRIES, machine, photos, languages)[0].entry


def test_it_is_whole() -> None:
    assert len(ENTRIES) >= 10
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert sum(len(entry.languages) > 1 for entry in ENTRIES) >= 2
    for entry in ENTRIES:
        assert entry.licence
        assert entry.machines
        assert entry.quality.source
        assert entry.download_mb is not None
        assert 40 <= entry.download_mb <= 1500
        assert ("research" in entry.licence) == entry.research_only, entry.name
    assert {kind for entry in ENTRIES for kind in entry.machines} == {"hub", "nas", "desktop"}
    assert known_pack("nobody") is None


def test_research_licences_are_never_advised_first() -> None:
    for machine in (PI, NAS, DESKTOP):
        assert not first(machine, 10_000, "en").research_only


def test_who_reads_german_is_given_a_pack_that_does() -> None:
    assert first(NAS, 10_000, "de").name == "siglip2-b32"
    assert first(DESKTOP, 10_000, "en").quality.flickr30k == 74.7


def test_memory_and_time_decide() -> None:
    found = {one.entry.name: one for one in advise(ENTRIES, PI, 60_000)}
    assert "MB" in found["siglip2-b32"].why
    slow = {one.entry.name: one for one in advise(ENTRIES, Machine(2, 8000), 60_000)}
    assert slow["clip-b32"].why == "it would take 4 days to encode all"
    assert not advise(ENTRIES, Machine(0.5, 900), 60_000)[0].fits
    hours = {one.entry.name: one.hours for one in advise(ENTRIES, NAS, 60_000)}
    assert hours["siglip-b16"] == pytest.approx(60_000 * 45 / 60 / 3600)
    unknown = advise([replace(ENTRIES[0], relative_cost=None)], NAS, 3600 * 60)
    assert unknown[0].hours == pytest.approx(1)
